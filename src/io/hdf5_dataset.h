#pragma once

#include "io/hdf5_fields.h"
#include "sinew/base/dtype.h"
#include "sinew/base/shape.h"
#include "sinew/base/tensor.h"

namespace sinew::io::hdf5 {

/// The three messages of an object header that describe a dataset.
struct DatasetMessages {
  Fields space, type, layout;
};

struct Dataset {
  DType dtype;
  Shape shape;
  /// Within the file, as many as shape and dtype need.
  Bytes data;
};

/// Throws FileError for what is malformed or of a kind that Keras does not write.
Dataset describe_dataset(Bytes file, const DatasetMessages& messages);
Tensor tensor_of(const Dataset& dataset);

}  // namespace sinew::io::hdf5
