"""How conf/*.yaml is read: files, values, rules, keys. ``dialctl.config`` puts it together."""
