// The reader of TensorBoard's event files on any bytes: it ends in scalars, or in a sinew::Error.

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "io/event_reader.h"
#include "sinew/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = [] {
    std::string name = "/dev/shm/sinew_fuzz_XXXXXX";
    ::close(::mkstemp(name.data()));
    return name;
  }();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  try {
    sinew::io::EventReader(path).read();
  } catch (const sinew::Error&) {
  }
  return 0;
}
