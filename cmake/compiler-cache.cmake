# ccache where it is installed: several presets compile the same files. Say -DCMAKE_CXX_COMPILER_LAUNCHER= to do without.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(RBAMP_CCACHE ccache)
  mark_as_advanced(RBAMP_CCACHE)
  if(RBAMP_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${RBAMP_CCACHE})
  endif()
endif()
