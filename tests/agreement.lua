-- What pandoc finds in texts: run with `pandoc lua agreement.lua READER`, file names on standard input; answers
-- each with a line of JSON: links and images by their targets, headings by their identifiers.

for path in io.lines() do
  local file = assert(io.open(path, "r"))
  local doc = pandoc.read(file:read("a"), arg[1])
  file:close()
  local wiki, files, images, headings = {}, {}, {}, {}
  local function note(list, value) list[#list + 1] = value end
  doc:walk({
    Link = function(link)
      note(link.classes:includes("wikilink") and wiki or files, link.target)
    end,
    Image = function(image)
      note(image.classes:includes("wikilink") and wiki or images, image.src)
    end,
    RawInline = function(raw)
      local target = raw.text:match("^<[aA]%s.-[hH][rR][eE][fF]%s*=%s*[\"']?([^\"'<>%s]+)")
      if target then note(files, target) end
    end,
    Header = function(header) note(headings, header.identifier) end,
  })
  io.write(pandoc.json.encode({
    wiki = pandoc.List(wiki), files = pandoc.List(files), images = pandoc.List(images), headings = pandoc.List(headings),
  }), "\n")
  io.flush()
end
