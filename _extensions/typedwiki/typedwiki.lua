-- Presentation of typed notes: adds the shared style and script to every HTML page.
-- Python has already resolved the links; nothing here looks at the wiki.

if quarto.doc.is_format("html:js") then
  quarto.doc.add_html_dependency({
    name = "typedwiki",
    version = "0.1.0",
    stylesheets = { "assets/typedwiki.css" },
    scripts = { { path = "assets/graph.js", afterBody = true } },
  })
end

return {}
