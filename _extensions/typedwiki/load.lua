-- Loads the parts of the filter from this folder: `dofile("load.lua")(folder)`.

return function(folder)
  local function load(name, parts) return assert(loadfile(folder .. name .. ".lua"))(parts) end
  local html = load("html")
  local links = load("links", { html = html })
  local flavours = load("flavours")
  local sanitize = load("sanitize", { html = html, links = links, flavours = flavours })
  return load("note", { sanitize = sanitize, links = links, flavours = flavours })
end
