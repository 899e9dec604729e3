-- Handles Plotly figures in the output of cells, for Quarto's filter and for the draft.
--
-- A Plotly figure arrives as HTML that loads plotly.js and MathJax from other hosts. Its data is
-- extracted and put into `<div class="tw-figure" data-figure="[data, layout, config, frames]">`,
-- which assets/figure.js draws with the site's own copy.

local M = {}

local quoted = lpeg.P('"') * (lpeg.P("\\") * 1 + (1 - lpeg.S('"\\'))) ^ 0 * '"'

--- Returns a pattern for JavaScript between brackets, which may hold nested brackets and strings.
local function balanced(open, close)
  return lpeg.P({ open * (quoted + lpeg.V(1) + (1 - lpeg.S(open .. close .. '"'))) ^ 0 * close })
end

local PARENTHESES, BRACES = balanced("(", ")"), balanced("{", "}")

--- Returns the arguments of a call in a script, except the first (the element), as JSON without brackets.
local function arguments(script, name)
  local start = script:match(name:gsub("%.", "%%.") .. "()%(")
  local stop = start and lpeg.match(PARENTHESES, script, start)
  return stop and script:sub(start + 1, stop - 2):match("^[^,]*,%s*(.-)%s*$")
end

--- Returns the JSON of a figure without its template, because figures look like the site; nil for other HTML.
function M.json(html)
  local drawn = html:find("plotly-graph-div", 1, true) and arguments(html, "Plotly.newPlot")
  if not drawn then
    return nil
  end
  local start, brace = drawn:match('()"template":(){')
  if start then
    drawn = drawn:sub(1, start - 1) .. '"template":null' .. drawn:sub(lpeg.match(BRACES, drawn, brace))
  end
  return "[" .. drawn .. "," .. (arguments(html, "Plotly.addFrames") or "[]") .. "]"
end

--- Returns the `fig-alt` of each cell in a note's source, by number and by label. Quarto drops it if output is HTML.
function M.alts(source)
  local alts, count, options = {}, 0, nil
  for line in (source .. "\n"):gmatch("(.-)\r?\n") do
    if options and line:match("^#|") then
      options:insert(line:sub(3))
    elseif options then
      local meta = pandoc.read("---\n" .. table.concat(options, "\n") .. "\n---\n", "markdown-smart").meta
      local alt = meta["fig-alt"] and pandoc.utils.stringify(meta["fig-alt"])
      if meta.label then
        alts[pandoc.utils.stringify(meta.label)] = alt
      elseif not source:find("{{< include", 1, true) then -- otherwise cells of other files count, too
        alts[tostring(count)] = alt
      end
      options = nil
    end
    if line:match("^%s*```+%s*{python[^}]*}%s*$") then
      count, options = count + 1, pandoc.List({})
    end
  end
  return alts
end

local function box(json, alt)
  local label = alt or "A figure that is drawn by a script"
  local text = pandoc.Div({ pandoc.Para({ pandoc.Str(label) }) }, { class = "tw-figure-text" })
  local attributes = { { "data-figure", json } } -- pairs, because a table with keys has no order
  if alt then
    table.insert(attributes, 1, { "data-alt", alt })
  end
  return pandoc.Div({ text }, pandoc.Attr("", { "tw-figure" }, attributes))
end

--- Returns the address of a script on another host that HTML would run; nil if there is none.
local function outside(html)
  return html:match('<script[^>]-src="(https?://[^"]+)"') or html:match('<script[^>]*>%s*import "(https?://[^"]+)"')
end

--- Returns a cell with our figures, and an address on another host that its output still loads.
function M.cell(div, alts)
  local asked
  if div.identifier:match("^%x%x%x%x%x%x%x%x$") then
    div.identifier = "" -- changes each time the cell is run
  end
  local label = div.identifier:gsub("^cell%-", "")
  local alt = alts[label] or alts[div.attributes.execution_count or ""]
  local shown = div:walk({
    RawBlock = function(raw)
      local json = raw.format == "html" and M.json(raw.text)
      if json then
        return box(json, alt)
      end
      asked = asked or outside(raw.text)
    end,
  })
  return shown, asked
end

--- Returns header includes without require.js and jQuery from a CDN, which Quarto adds to pages with HTML output.
function M.header(includes)
  local function of_jupyter(blocks)
    return blocks[1].t == "RawBlock" and blocks[1].text:find("/requirejs@", 1, true)
  end
  return pandoc.List(includes):filter(function(blocks) return not of_jupyter(blocks) end)
end

--- Numbers labelled figures and `@fig-x` in the draft, which has no Quarto cross-references.
function M.number(doc)
  local numbers, count = {}, 0
  doc = doc:walk({
    Div = function(div)
      if not div.identifier:match("^fig%-") or #div.content < 2 then
        return nil
      end
      count = count + 1
      numbers[div.identifier] = count
      local caption = pandoc.Inlines({ pandoc.Str("Figure\u{a0}" .. count .. ": ") })
      caption:extend(pandoc.utils.blocks_to_inlines({ div.content[#div.content] }))
      div.content:remove()
      return pandoc.Figure(div.content, { long = { pandoc.Plain(caption) } }, { id = div.identifier })
    end,
  })
  return doc:walk({
    Cite = function(cite)
      local id = cite.citations[1].id
      return numbers[id] and pandoc.Link("Figure\u{a0}" .. numbers[id], "#" .. id) or nil
    end,
  })
end

--- Handles the draft's notes, which have their source in a raw block of a format that no writer prints.
function M.draft(doc)
  local last = doc.blocks[#doc.blocks]
  if last and last.t == "RawBlock" and last.format == "tw-source" then
    local alts = M.alts(last.text)
    doc.blocks:remove()
    doc = doc:walk({ Div = function(div) return div.classes:includes("cell") and M.cell(div, alts) or nil end })
  end
  return M.number(doc)
end

return M
