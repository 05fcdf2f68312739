#include "sinew/io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "io/input_file.h"
#include "io/json.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

/// Where the bytes of a file come from.
struct Source {
  std::uint64_t size;
  std::function<void(std::uint64_t offset, std::span<std::uint8_t> to)> read;
};

constexpr std::array<std::pair<std::string_view, DType>, 7> kTypes = {{{"F32", DType::Float32},
                                                                       {"F64", DType::Float64},
                                                                       {"I32", DType::Int32},
                                                                       {"I64", DType::Int64},
                                                                       {"U8", DType::UInt8},
                                                                       {"BOOL", DType::Bool},
                                                                       {"BF16", DType::BFloat16}}};

struct Entry {
  std::string name;
  DType dtype;
  Shape shape;
  std::uint64_t begin;
  std::uint64_t end;
};

std::uint64_t unsigned_of(const Json& value, const std::string& name) {
  if (!value.is_number_unsigned()) {
    throw FileError(
        fmt::format("tensor '{}': {} is not a whole number of 0 or more", name, value.dump()));
  }
  return value.get<std::uint64_t>();
}

Entry read_entry(const std::string& name, const Json& description, std::uint64_t data_bytes) {
  if (!description.is_object() || !description.contains("dtype") ||
      !description.contains("shape") || !description.contains("data_offsets") ||
      !description["dtype"].is_string() || !description["shape"].is_array() ||
      !description["data_offsets"].is_array() || description["data_offsets"].size() != 2) {
    throw FileError(fmt::format("tensor '{}' lacks its dtype, shape or two data_offsets", name));
  }
  const std::string type = description["dtype"].get<std::string>();
  const auto known =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& t) { return t.first == type; });
  if (known == kTypes.end()) {
    throw FileError(fmt::format(
        "tensor '{}' has dtype {}; F32, F64, I32, I64, U8, BOOL and BF16 can be read", name, type));
  }
  std::vector<std::int64_t> dims;
  std::uint64_t bytes = size_of(known->second);
  for (const Json& dim : description["shape"]) {
    const std::uint64_t extent = unsigned_of(dim, name);
    if (extent > INT64_MAX || __builtin_mul_overflow(bytes, extent, &bytes)) {
      throw FileError(
          fmt::format("tensor '{}': shape {} overflows", name, description["shape"].dump()));
    }
    dims.push_back(static_cast<std::int64_t>(extent));
  }
  const std::uint64_t begin = unsigned_of(description["data_offsets"][0], name);
  const std::uint64_t end = unsigned_of(description["data_offsets"][1], name);
  if (begin > end || end > data_bytes) {
    throw FileError(
        fmt::format("tensor '{}' lies at bytes {} to {} of {}", name, begin, end, data_bytes));
  }
  if (end - begin != bytes) {
    throw FileError(fmt::format("tensor '{}' of shape {} and dtype {} needs {} bytes, but has {}",
                                name, description["shape"].dump(), type, bytes, end - begin));
  }
  return {name, known->second, Shape(std::move(dims)), begin, end};
}

void check_cover(std::vector<Entry> entries, std::uint64_t data_bytes) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t at = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != at) {
      throw FileError(fmt::format("tensor '{}' begins at byte {}, but the one before it ends at {}",
                                  entry.name, entry.begin, at));
    }
    at = entry.end;
  }
  if (at != data_bytes) {
    throw FileError(
        fmt::format("the tensors take {} bytes, but the file holds {}", at, data_bytes));
  }
}

/// Any other byte in a bool is undefined behaviour in whoever reads it.
void check_bools(const std::string& name, const Tensor& tensor) {
  const std::span bytes(static_cast<const std::uint8_t*>(tensor.raw()), tensor.bytes());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] > 1) {
      throw FileError(fmt::format("tensor '{}' is BOOL, but its element {} is {}, neither 0 nor 1",
                                  name, at, bytes[at]));
    }
  }
}

Tensor read_tensor(const Source& source, const Entry& entry, std::uint64_t data_begin) {
  Tensor tensor;
  try {
    tensor = Tensor(entry.shape, entry.dtype);
  } catch (const MemoryError& error) {
    throw FileError(
        fmt::format("tensor '{}' of shape {}: {}", entry.name, entry.shape.str(), error.what()));
  }
  source.read(data_begin + entry.begin, {static_cast<std::uint8_t*>(tensor.raw()), tensor.bytes()});
  if (entry.dtype == DType::Bool) check_bools(entry.name, tensor);
  return tensor;
}

Json read_header(const Source& source, std::uint64_t& header_bytes) {
  if (source.size < sizeof(header_bytes))
    throw FileError(fmt::format("has {} bytes, too few for a safetensors file", source.size));
  source.read(0, {reinterpret_cast<std::uint8_t*>(&header_bytes), sizeof(header_bytes)});
  if (header_bytes > kMaxJsonBytes)
    throw FileError(
        fmt::format("is not a safetensors file: its first 8 bytes are no header's "
                    "length (they would mean {} bytes; at most {} are accepted)",
                    header_bytes, kMaxJsonBytes));
  if (header_bytes > source.size - sizeof(header_bytes)) {
    throw FileError(fmt::format("announces a header of {} bytes, but only {} follow", header_bytes,
                                source.size - sizeof(header_bytes)));
  }
  std::string text(header_bytes, '\0');
  source.read(sizeof(header_bytes), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (text.empty() || text[0] != '{')
    throw FileError("is not a safetensors file: the header does not begin with '{'");
  try {
    return parse_json(text);
  } catch (const ValueError& error) {
    throw FileError(fmt::format("the header is not JSON that can be read: {}", error.what()));
  }
}

void read_metadata(const Json& description, SafeTensors& file) {
  if (!description.is_object()) {
    throw FileError(fmt::format("__metadata__ is {}, not an object", description.type_name()));
  }
  for (const auto& [key, text] : description.items()) {
    if (!text.is_string()) throw FileError(fmt::format("metadata '{}' is not a text", key));
    file.metadata[key] = text.get<std::string>();
  }
}

SafeTensors parse(const Source& source) {
  std::uint64_t header_bytes = 0;
  const Json json = read_header(source, header_bytes);
  const std::uint64_t data_begin = sizeof(header_bytes) + header_bytes;
  const std::uint64_t data_bytes = source.size - data_begin;
  SafeTensors file;
  std::vector<Entry> entries;
  for (const auto& [name, description] : json.items()) {
    if (name == "__metadata__") {
      read_metadata(description, file);
    } else {
      entries.push_back(read_entry(name, description, data_bytes));
    }
  }
  check_cover(entries, data_bytes);
  for (const Entry& entry : entries)
    file.tensors.emplace_back(entry.name, read_tensor(source, entry, data_begin));
  return file;
}

/// Messages begin with the file's name, unless what reads the file has put it there.
SafeTensors parse_named(const Source& source, const std::string& path) {
  try {
    return parse(source);
  } catch (const FileError& error) {
    const std::string what = error.what();
    throw FileError(what.starts_with(path) ? what : fmt::format("{}: {}", path, what));
  }
}

}  // namespace

const Tensor& SafeTensors::at(const std::string& name) const {
  for (const auto& [key, tensor] : tensors) {
    if (key == name) return tensor;
  }
  throw FileError(fmt::format("the file holds no tensor '{}'", name));
}

SafeTensors parse_safetensors(std::span<const std::uint8_t> bytes, const std::string& path) {
  const auto copy = [&](std::uint64_t offset, std::span<std::uint8_t> to) {
    if (!to.empty()) std::memcpy(to.data(), bytes.data() + offset, to.size());
  };
  return parse_named({bytes.size(), copy}, path);
}

SafeTensors read_safetensors(const std::string& path) {
  const InputFile file(path);
  const auto read = [&](std::uint64_t offset, std::span<std::uint8_t> to) {
    file.read(offset, to);
  };
  return parse_named({file.size(), read}, path);
}

namespace {

std::string header_of(const SafeTensors& file, const std::string& path) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : file.tensors) {
    if (name == "__metadata__")
      throw ValueError(fmt::format("{}: no tensor may be named '{}'", path, name));
    if (header.contains(name))
      throw ValueError(fmt::format("{}: two tensors are named '{}'", path, name));
    if (!tensor.defined()) throw ValueError(fmt::format("{}: tensor '{}' is empty", path, name));
    const DType dtype = tensor.dtype();
    const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const auto& t) { return t.second == dtype; });
    header[name] = {{"dtype", type->first},
                    {"shape", tensor.shape().dims()},
                    {"data_offsets", {at, at + tensor.bytes()}}};
    at += tensor.bytes();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::type_error&) {
    throw ValueError(
        fmt::format("{}: a tensor's name or a text of the metadata is not UTF-8", path));
  }
  // Spaces to a multiple of 8, so that buffers can be mapped aligned.
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

void write_safetensors(const std::string& path, const SafeTensors& file) {
  const std::string text = header_of(file, path);
  const std::uint64_t header_bytes = text.size();
  const auto bytes_of = [](const void* data, std::size_t size) {
    return std::span(static_cast<const std::uint8_t*>(data), size);
  };
  std::vector<std::span<const std::uint8_t>> pieces = {
      bytes_of(&header_bytes, sizeof(header_bytes)), bytes_of(text.data(), text.size())};
  for (const auto& [name, tensor] : file.tensors)
    pieces.push_back(bytes_of(tensor.raw(), tensor.bytes()));
  write_file(path, pieces);
}

}  // namespace sinew::io
