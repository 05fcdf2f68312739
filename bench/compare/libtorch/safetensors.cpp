#include "safetensors.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace compare {

using Json = nlohmann::json;

Tensors load_safetensors(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  char* const begin = bytes.data() + sizeof length;
  const Json header = Json::parse(begin, begin + length);
  Tensors result;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
    const auto dtype = entry.at("dtype") == "I64" ? torch::kInt64 : torch::kFloat32;
    char* const data = begin + length + entry.at("data_offsets").at(0).get<std::size_t>();
    result[name] = torch::from_blob(data, shape, dtype).clone();
  }
  return result;
}

void save_safetensors(const std::string& path, const Tensors& tensors) {
  Json header;
  std::size_t position = 0;
  for (const auto& [name, tensor] : tensors) {
    header[name] = {{"dtype", "F32"},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {position, position + tensor.nbytes()}}};
    position += tensor.nbytes();
  }
  const std::string text = header.dump();
  const std::uint64_t length = text.size();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << text;
  for (const auto& [name, tensor] : tensors) {
    const torch::Tensor rows = tensor.contiguous();
    file.write(static_cast<const char*>(rows.data_ptr()),
               static_cast<std::streamsize>(rows.nbytes()));
  }
}

}  // namespace compare
