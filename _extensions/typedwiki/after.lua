-- Runs at Quarto's `post-quarto` point, after which nothing reads a note's text.

local folder = quarto.utils.resolve_path("load.lua"):gsub("load%.lua$", "")
local note = dofile(folder .. "load.lua")(folder)

--- Gives the picture of a figure its caption as the text for who cannot see it: Quarto leaves it without any.
local function with_alt(figure)
  local caption = pandoc.utils.stringify(figure.caption.long)
  if caption == "" then return nil end
  return figure:walk({
    Image = function(image)
      if image.attributes.alt or image.attributes["fig-alt"] then return nil end
      image.attributes.alt = caption
      return image
    end,
  })
end

function Pandoc(doc)
  return note.unmarked(doc):walk({ Figure = with_alt })
end
