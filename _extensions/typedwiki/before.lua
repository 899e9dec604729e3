-- Runs at Quarto's `pre-ast` point: a note's text has been parsed, but not processed.

local folder = quarto.utils.resolve_path("load.lua"):gsub("load%.lua$", "")
local note = dofile(folder .. "load.lua")(folder)

function Pandoc(doc)
  return note.complete(doc, function()
    local file = assert(io.open(quarto.doc.input_file, "r"))
    local text = file:read("a")
    file:close()
    return text
  end, { guard = true })
end
