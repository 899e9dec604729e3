-- Presentation of typed notes: the shared style and script for every HTML page, and the parts of
-- hand-written pages that the prebuild generates. Python has already resolved the links.

if quarto.doc.is_format("html:js") then
  quarto.doc.add_html_dependency({
    name = "typedwiki",
    version = "0.1.0",
    stylesheets = { "assets/typedwiki.css" },
    scripts = { { path = "assets/graph.js", afterBody = true } },
  })
end

--- `::: {.tw-generated file="notes/assets/x.md"}` takes the content of a generated file. Quarto's own
--- include is read before the pre-render hook has run, and so fails in a fresh clone.
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

return { { Div = generated } }
