"""What a lab's Redmine is filled with: a studio's months, made up from size arguments and a seed number.

`world` makes plain values and asks nobody; `load` writes them into a database in bulk; `config_files` writes the
product's configuration that fits. The same arguments give the same world, to the byte.
"""
