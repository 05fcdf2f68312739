#pragma once

#include <torch/torch.h>

#include <map>
#include <string>

namespace compare {

using Tensors = std::map<std::string, torch::Tensor>;

/// Of the files that the driver writes: float32 and int64.
Tensors load_safetensors(const std::string& path);
/// Float32.
void save_safetensors(const std::string& path, const Tensors& tensors);

}  // namespace compare
