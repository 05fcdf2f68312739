# SINEW_SANITIZE: instruments everything that is compiled here. docs/testing.md says how to run what comes out.
if(NOT SINEW_SANITIZE)
  return()
endif()
add_compile_options(-fsanitize=${SINEW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
add_link_options(-fsanitize=${SINEW_SANITIZE})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC's own manual: the warning is wrong more often than right in instrumented code.
  add_compile_options(-Wno-maybe-uninitialized)
endif()

if(SINEW_SANITIZE MATCHES "thread")
  # ThreadSanitizer sees the locks of pthreads and the atomics of instrumented code; it does not see the barriers inside
  # an OpenMP runtime, and would call every parallel region a race. LLVM's runtime reports them through its tool interface,
  # and Archer passes them on. GCC's runtime has no such interface.
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "The thread sanitizer needs clang and LLVM's OpenMP runtime: use -DCMAKE_CXX_COMPILER=clang++ "
      "(packages clang and libomp-dev: scripts/bootstrap --dev)")
  endif()
  string(REGEX MATCH "^[0-9]+" clang_major ${CMAKE_CXX_COMPILER_VERSION})
  find_library(ARCHER_LIBRARY archer HINTS /usr/lib/llvm-${clang_major}/lib REQUIRED)
  get_filename_component(archer_dir ${ARCHER_LIBRARY} DIRECTORY)
  # Linked in, because the runtime looks for it only on the loader's path. The runtime comes first of all libraries, so that
  # oneDNN, which was built for GCC's runtime, finds its GOMP_ entry points there: one team, every barrier of which is seen.
  find_library(LLVM_OPENMP_LIBRARY omp HINTS ${archer_dir} REQUIRED)
  link_libraries(-Wl,--push-state,--no-as-needed ${LLVM_OPENMP_LIBRARY} ${ARCHER_LIBRARY} -Wl,--pop-state)
  list(APPEND CMAKE_BUILD_RPATH ${archer_dir})
endif()
