# -Wnull-dereference is left out: with -O2, GCC 12 reports libstdc++'s own istreambuf_iterator.
# One interface target carries what every translation unit of ours is compiled with.
add_library(rbamp_options INTERFACE)
target_compile_options(rbamp_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wdouble-promotion -Wimplicit-fallthrough -Wformat=2)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(arm|aarch64)")
  target_compile_options(rbamp_options INTERFACE -Wno-psabi) # GCC notes about ABI changes of 2013, no warning about our code
endif()
# In every build, the shipped one too: an index out of range ends the program before it can become a wrong number.
# See docs/decisions/build-assertions-stay.md.
target_compile_definitions(rbamp_options INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(rbamp_options INTERFACE -UNDEBUG)
if(RBAMP_WERROR)
  target_compile_options(rbamp_options INTERFACE -Werror)
endif()
if(RBAMP_SANITIZE)
  target_compile_options(rbamp_options INTERFACE -fsanitize=${RBAMP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(rbamp_options INTERFACE -fsanitize=${RBAMP_SANITIZE})
endif()
