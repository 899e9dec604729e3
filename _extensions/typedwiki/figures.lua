-- Plotly figures in what cells put out, for Quarto's filter and for the draft.
--
-- A Plotly figure reaches a page as HTML that asks other hosts for plotly.js and MathJax. Its data is
-- taken out of that and put into `<div class="tw-figure" data-figure="[data, layout, config, frames]">`,
-- which assets/figure.js draws with the site's own copy.

local M = {}

local quoted = lpeg.P('"') * (lpeg.P("\\") * 1 + (1 - lpeg.S('"\\'))) ^ 0 * '"'

--- A pattern for JavaScript between brackets, which may hold more of them and strings.
local function balanced(open, close)
  return lpeg.P({ open * (quoted + lpeg.V(1) + (1 - lpeg.S(open .. close .. '"'))) ^ 0 * close })
end

local PARENTHESES, BRACES = balanced("(", ")"), balanced("{", "}")

--- The arguments of a call in a script but the first, which is the element, as JSON without brackets.
local function arguments(script, name)
  local start = script:match(name:gsub("%.", "%%.") .. "()%(")
  local stop = start and lpeg.match(PARENTHESES, script, start)
  return stop and script:sub(start + 1, stop - 2):match("^[^,]*,%s*(.-)%s*$")
end

--- The JSON of a figure without its template, because figures look like the site; nil for other HTML.
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

--- The `fig-alt` of each cell in a note's source, by number and by label. Quarto drops it where output is HTML.
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
      elseif not source:find("{{< include", 1, true) then -- else cells of other files count as well
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
  local attributes = { { "data-figure", json } } -- pairs: a table of names has no order
  if alt then
    table.insert(attributes, 1, { "data-alt", alt })
  end
  return pandoc.Div({ text }, pandoc.Attr("", { "tw-figure" }, attributes))
end

--- Scripts on other hosts that HTML would run.
local function outside(html)
  return html:match('<script[^>]-src="(https?://[^"]+)"') or html:match('<script[^>]*>%s*import "(https?://[^"]+)"')
end

--- A cell whose figures are ours, and an address on another host that its output asks nevertheless.
function M.cell(div, alts)
  local asked
  if div.identifier:match("^%x%x%x%x%x%x%x%x$") then
    div.identifier = "" -- another one each time that the cell is run
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

--- Header includes without what Quarto adds to every page with HTML output: require.js and jQuery from a CDN.
function M.header(includes)
  local function of_jupyter(blocks)
    return blocks[1].t == "RawBlock" and blocks[1].text:find("/requirejs@", 1, true)
  end
  return pandoc.List(includes):filter(function(blocks) return not of_jupyter(blocks) end)
end

--- For the draft, which has no cross-references of Quarto's: figures with a label are numbered, as `@fig-x` is.
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

--- The draft's notes, which carry their source in a raw block of a format that no writer prints.
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
