# What ships is optimised for size: the programs halve, and nothing here is bound by the processor (tests/bench says what it costs).
# In the dev build, too, so that what is tested and measured is what ships.
string(REPLACE "-O2" "-Os" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
