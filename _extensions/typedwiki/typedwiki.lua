-- Presents typed notes: adds the script to every HTML page, and the generated parts to hand-written pages.
-- Python has already resolved the links.

if quarto.doc.is_format("html:js") then
  local names = pandoc.List(pandoc.system.list_directory(quarto.utils.resolve_path("assets")))
  names:sort()
  local scripts = names:filter(function(name) return name:match("%.js$") and name ~= "boot.js" end)
  quarto.doc.add_html_dependency({
    name = "typedwiki",
    version = "0.1.0",
    scripts = { { path = "assets/boot.js", afterBody = true } },
    -- boot.js loads them if a page needs them.
    resources = scripts:map(function(name) return { name = name, path = "assets/" .. name } end),
  })
end

--- Adds colours and icons of the types, if no setting of the project names their style sheet.
local function coloured(meta)
  local root = quarto.project.directory
  local named = meta.css and pandoc.utils.stringify(meta.css):find("types.css", 1, true)
  if not root or named or not quarto.doc.is_format("html:js") then
    return nil
  end
  local sheet = io.open(pandoc.path.join({ root, "notes", "assets", "types.css" }), "r")
  if not sheet then -- the extension alone: the sheets that a build merges into one, except for the types
    local sheets = { "assets/typedwiki.css", "assets/note.css" }
    return quarto.doc.add_html_dependency({ name = "typedwiki-look", version = "0.1.0", stylesheets = sheets })
  end
  sheet:close()
  local here = pandoc.path.make_relative(quarto.doc.input_file, root)
  local up = here:gsub("[^/\\]+[/\\]", "../"):gsub("[^/\\]+$", "")
  quarto.doc.include_text("in-header", '<link rel="stylesheet" href="' .. up .. 'notes/assets/types.css">')
end

--- Fills `::: {.tw-generated file="notes/assets/x.md"}` with a generated file. Quarto's own include
--- is read before the pre-render hook has run, so it fails in a fresh clone.
local function generated(div)
  if not div.classes:includes("tw-generated") then
    return nil
  end
  local path = pandoc.path.join({ quarto.project.directory or ".", div.attributes.file or "" })
  local file = io.open(path, "r")
  if not file then
    quarto.log.warning("typedwiki: " .. path .. " does not exist; has scripts/prebuild.py run?")
    return {}
  end
  local text = file:read("a")
  file:close()
  return pandoc.read(text, "markdown").blocks
end

local figures = dofile(quarto.utils.resolve_path("figures.lua"))
local alts

--- Removes Quarto's additions for the output of cells, which load from other hosts; figures do not need them.
local function header(meta)
  if meta["header-includes"] then
    meta["header-includes"] = figures.header(meta["header-includes"])
  end
  return meta
end

local function cell(div)
  if not div.classes:includes("cell") then
    return nil
  end
  if not alts then
    local file = io.open(quarto.doc.input_file, "r")
    alts = file and figures.alts(file:read("a")) or {}
    if file then
      file:close()
    end
  end
  local shown, outside = figures.cell(div, alts)
  if outside then
    quarto.log.warning("typedwiki: the output of a cell asks another host: " .. outside)
  end
  return shown
end

local note = dofile(quarto.utils.resolve_path("load.lua"))(quarto.utils.resolve_path("load.lua"):gsub("load%.lua$", ""))

local AGAIN = 600 -- seconds after which a render counts as a new one

--- Reports once per render that no program makes notes. Each page is rendered by a process of its own.
local function tell(root)
  local mark = pandoc.path.join({ root, ".quarto", "typedwiki-alone" })
  local file = io.open(mark, "r")
  local before = file and tonumber(file:read("a")) or 0
  if file then file:close() end
  if os.time() - before < AGAIN then return end
  file = io.open(mark, "w")
  if file then
    file:write(tostring(os.time()))
    file:close()
  end
  quarto.log.warning("typedwiki: the extension is here, but nothing makes notes of the wiki, so typed links are plain"
    .. " text. Install the tool and add to `project:` the line  pre-render: typedwiki prebuild  (see `typedwiki doctor`)")
end

--- Adds links, facts and connections to a hand-written note.
local function by_hand(doc)
  local root = quarto.project.directory
  local made = root and io.open(pandoc.path.join({ root, "notes", "assets", "pages.js" }), "r")
  if not made then
    local plain, met = note.plain(doc)
    if met then tell(root or ".") end
    return met and plain or nil
  end
  made:close()
  local name = root and pandoc.path.make_relative(quarto.doc.input_file, root) or ""
  local stem = name:match("^notes[/\\]([^/\\]+)%.qmd$")
  local file = stem and io.open(pandoc.path.join({ root, "notes", "assets", "by-hand", stem .. ".json" }), "r")
  if not file then
    return nil
  end
  local data = pandoc.json.decode(file:read("a"), false)
  file:close()
  return note.complete_by_hand(doc, data)
end

return { { Meta = coloured }, { Div = generated }, { Meta = header }, { Div = cell }, { Pandoc = by_hand } }
