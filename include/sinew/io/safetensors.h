#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sinew/base/tensor.h"

namespace sinew::io {

/// Contents of a .safetensors file: named tensors in order, and texts by name.
struct SafeTensors {
  std::map<std::string, std::string> metadata;
  std::vector<std::pair<std::string, Tensor>> tensors;

  /// The tensor of a name; throws FileError when there is none.
  const Tensor& at(const std::string& name) const;
};

/// Format: https://huggingface.co/docs/safetensors: u64 header length, JSON header, buffers.
/// Everything is checked before anything is allocated: header of at most 100 MB, known dtypes,
/// sizes without overflow, offsets inside the file, neither overlaps nor gaps, no name twice,
/// booleans of 0 and 1.
/// Nothing in the file is executed. Throws FileError naming `path` and what is wrong.
SafeTensors read_safetensors(const std::string& path);
SafeTensors parse_safetensors(std::span<const std::uint8_t> bytes, const std::string& path);

/// Written whole or not at all. The bytes depend on the contents only. Throws ValueError for a name
/// used twice or reserved and for text that is not UTF-8, FileError as write_file does.
void write_safetensors(const std::string& path, const SafeTensors& file);

}  // namespace sinew::io
