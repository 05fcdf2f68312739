#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sinew/graph/graph.h"

namespace sinew::runtime {

/// What a kernel is made from: an op with its attributes and the types (layouts included) of its
/// operands.
struct KernelRequest {
  std::string op;
  Attributes attributes;
  std::vector<TensorType> inputs;
  std::vector<TensorType> outputs;
  /// For messages.
  std::string where;
  /// Which of the op's kernels, by name; empty for the backend's choice.
  std::string implementation = {};
  /// Whether anything reads each output; empty where all are. A kernel need not make the others.
  std::vector<bool> read = {};
  bool needs(std::size_t output) const { return read.empty() || read[output]; }
};

/// Where a kernel finds its operands in one run. Pointers are 64-byte aligned; buffers hold the
/// layout's bytes.
struct KernelArguments {
  const void* const* inputs;
  void* const* outputs;
  void* scratch;
};

/// One prepared computation. Made once, run every step; run() allocates nothing and keeps no state
/// between runs.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// Memory that a run needs besides its operands; the memory plan puts it into the arena.
  virtual std::size_t scratch_bytes() const { return 0; }
  /// Bytes of operands that a run copies into another layout inside its scratch memory, as a matrix
  /// product packs its panels: not free, so a program says so.
  virtual std::size_t packed_bytes() const { return 0; }
  /// Whether this output may be the same buffer as this input (which then dies with this step).
  virtual bool may_share(int /*input*/, int /*output*/) const { return false; }
  virtual void run(const KernelArguments& arguments) = 0;
};

/// A processor's kernels. The compiler asks it for layouts and kernels and knows nothing else of
/// it.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  /// The instruction set and the libraries that compute, with their versions: the same numbers
  /// have the same bits on machines that agree in it.
  virtual std::string machine() const = 0;
  /// The kernels that can compute a request, by name, in alphabetical order; one without a name
  /// where there is no choice.
  virtual std::vector<std::string> implementations(const KernelRequest& request) = 0;
  /// The one that create() makes when the request names none: what the tuning table says of such
  /// requests on this machine, otherwise the cheapest by the kernels' cost models. Depends on
  /// nothing else, neither time nor the number of threads. Throws InternalError when there is no
  /// kernel, ValueError when the table names one that the backend does not know.
  virtual std::string choose(const KernelRequest& request) = 0;
  /// Throws InternalError when it has no kernel for the request.
  virtual std::unique_ptr<Kernel> create(const KernelRequest& request) = 0;
  /// Whether it has a kernel for this request, some of whose operands are bfloat16, that is worth
  /// using. What it does not take, the compiler computes in float32 between casts.
  virtual bool takes_bfloat16(const KernelRequest& request) = 0;
  /// The layout in which the request's kernel wants each input that is a variable: empty for
  /// row-major. A kernel takes either.
  virtual std::vector<std::string> layouts(const KernelRequest& request) = 0;
  /// Bytes of a buffer of this type in its layout.
  virtual std::size_t bytes(const TensorType& type) = 0;
  /// Copies between a row-major buffer and one in the layout of `type`.
  virtual void to_layout(const TensorType& type, const void* row_major, void* laid_out) = 0;
  virtual void from_layout(const TensorType& type, const void* laid_out, void* row_major) = 0;
};

/// The backend that programs are compiled for: the CPU's.
Backend& default_backend();
/// Called by a backend before main() runs.
void set_default_backend(Backend& backend);

}  // namespace sinew::runtime
