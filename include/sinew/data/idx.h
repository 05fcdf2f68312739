#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sinew/base/tensor.h"

namespace sinew::data {

/// Reads an IDX file (the format of MNIST: http://yann.lecun.com/exdb/mnist/), plain or compressed
/// by gzip, of bytes, 32-bit integers, floats or doubles. The announced size is checked before
/// anything is allocated, and must be exactly what the file holds. Throws FileError naming the
/// file, the byte offset and what is wrong.
Tensor read_idx(const std::string& path);
/// An IDX file of bytes as Float32 in [0, 1], converted while it is read, so that the bytes are
/// never held.
Tensor read_idx_unit_range(const std::string& path);
/// The same from memory (not compressed).
Tensor parse_idx(std::span<const std::uint8_t> bytes, const std::string& path);

/// How the images of a data set are held.
enum class Pixels {
  /// UInt8, 0 to 255.
  Bytes,
  /// Float32 in [0, 1].
  UnitRange,
};

/// A data set with a training and a test part. Images are (N, H, W), labels UInt8 (N,).
struct ImageDataset {
  Tensor x_train;
  Tensor y_train;
  Tensor x_test;
  Tensor y_test;
};

/// The four files of a folder under their usual names: train-images-idx3-ubyte[.gz],
/// train-labels-idx1-ubyte[.gz], t10k-images-idx3-ubyte[.gz], t10k-labels-idx1-ubyte[.gz]. Throws
/// FileError naming the one that is missing.
ImageDataset load_idx_dataset(const std::string& folder, Pixels pixels = Pixels::Bytes);
/// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017) from Debian's package dataset-fashion-mnist:
/// 60,000 and 10,000 images of 28 x 28.
ImageDataset fashion_mnist(Pixels pixels = Pixels::Bytes);

/// Images scaled to [0, 1] as Float32.
Tensor to_unit_range(const Tensor& images);

}  // namespace sinew::data
