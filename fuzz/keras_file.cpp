// The readers of Keras's files on any bytes: each ends in tensors or a model, or in a sinew::Error.

#include "model/keras_file.h"

#include <cstdint>
#include <span>

#include "io/hdf5.h"
#include "io/zip.h"
#include "model/state.h"
#include "sinew/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  try {
    if (sinew::io::is_zip(bytes)) {
      sinew::model::parse_keras(bytes, "input");
    } else {
      sinew::io::parse_hdf5(bytes, "input");
    }
  } catch (const sinew::Error&) {
  }
  return 0;
}
