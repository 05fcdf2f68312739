#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sinew/base/tensor.h"

/// The part of HDF5 that Keras's files use, as its "File Format Specification Version 3.0"
/// describes it: superblock 0, groups as symbol tables, object headers of version 1, datasets of
/// little-endian numbers in one piece. Debian's HDF5 library would cost every process 8 ms to load
/// (with OpenSSL, curl and LDAP), and asks for as much memory as a file says.
namespace sinew::io {

/// Datasets by their paths: "layers/dense/vars/0".
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// All datasets of a file. Everything is checked before anything is allocated: places inside the
/// file, nothing reached twice, groups at most kMaxGroupDepth deep, datasets together no larger
/// than the file. Soft and external links, external, virtual, chunked and compressed datasets are
/// refused. Attributes are not read. Throws FileError naming `path`, the object and what is wrong.
NamedTensors parse_hdf5(std::span<const std::uint8_t> bytes, const std::string& path);

constexpr int kMaxGroupDepth = 32;

/// Whether bytes begin as an HDF5 file does.
bool is_hdf5(std::span<const std::uint8_t> bytes);

/// A file's bytes in pieces that lie one after the other; the tensors' own are views of them.
struct Hdf5Image {
  std::vector<std::uint8_t> structure;
  std::vector<std::span<const std::uint8_t>> pieces;
};

/// The file that h5py and the HDF5 library read. The bytes depend on the contents only; the image
/// refers to the tensors. Throws ValueError when a path is used twice or one is a part of another.
Hdf5Image make_hdf5(const NamedTensors& tensors);

}  // namespace sinew::io
