# What ships is optimised for size, except what runs at every window (what rbamp_library is given as FAST): the programs halve, and a command or a
# discovery message a day is not bound by the processor. In the dev build, too, so that what is tested and measured is what ships.
string(REPLACE "-O2" "-Os" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
