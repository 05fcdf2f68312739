# Installs the build tree into an empty prefix and builds and runs tests/consumer against what lies there.
# cmake -DBUILD_DIR=… -DSOURCE_DIR=… -DGENERATOR=… -DCXX_COMPILER=… -DBUILD_TYPE=… -P run.cmake
set(work ${BUILD_DIR}/consumer)
file(REMOVE_RECURSE ${work})
set(installed ${work}/first)
set(prefix ${work}/moved)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${installed} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
# Moved, so that a path of the first prefix that was written into a file shows.
file(RENAME ${installed} ${prefix})

# What is installed: public headers only.
file(GLOB_RECURSE public_headers RELATIVE ${SOURCE_DIR}/include ${SOURCE_DIR}/include/*.h)
file(GLOB_RECURSE installed_headers RELATIVE ${prefix}/include ${prefix}/include/*)
if(NOT public_headers STREQUAL installed_headers)
  message(FATAL_ERROR "the installed headers are not those of include/:\n${installed_headers}\nagainst\n${public_headers}")
endif()

execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE_DIR}/tests/consumer -B ${work}/build -G ${GENERATOR}
  -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${prefix}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${work}/build/consumer COMMAND_ERROR_IS_FATAL ANY)
if(EXISTS ${prefix}/bin/sinew)
  execute_process(COMMAND ${prefix}/bin/sinew --help OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()
