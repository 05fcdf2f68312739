#pragma once

#include <stdexcept>
#include <string>

namespace sinew {

/// Base of everything Sinew throws. The message names the layer, op or file, the values seen and
/// what to do. The program `sinew` exits with 2 on every Error but InternalError, which exits
/// with 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A tensor has the wrong rank or extents.
class ShapeError : public Error {
  using Error::Error;
};

/// A tensor has the wrong element type.
class DTypeError : public Error {
  using Error::Error;
};

/// An argument, option or data value is out of range or unknown.
class ValueError : public Error {
  using Error::Error;
};

/// A file cannot be read or written, or its contents are malformed.
class FileError : public Error {
  using Error::Error;
};

/// Memory that a request needs is more than there is or than was allowed.
class MemoryError : public Error {
  using Error::Error;
};

/// A defect of Sinew itself: an invariant between its own parts does not hold.
class InternalError : public Error {
  using Error::Error;
};

}  // namespace sinew
