window.__canary=1
