# SPDX-License-Identifier: GPL-2.0-or-later
"""Sphinx configuration: sphinx-build -W -b html docs build/docs"""

project = 'intack'
author = 'intack maintainers'
root_doc = 'index'
html_theme = 'alabaster'
html_theme_options = {
    'description': 'The 8259 of a split irqchip under KVM',
    'fixed_sidebar': True,
}
html_copy_source = False
html_show_copyright = False
highlight_language = 'none'
