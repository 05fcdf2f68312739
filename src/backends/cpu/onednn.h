#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

#include "sinew/base/dtype.h"
#include "sinew/base/shape.h"

/// oneDNN as the kernels use it: primitives work in scratch memory of the caller's and run on
/// operands given by pointer. What differs between oneDNN 2.x and 3.x is in onednn_primitives.h.
namespace sinew::cpu::onednn {

dnnl::engine& engine();
/// A stream of the calling thread.
dnnl::stream& stream();

/// Attributes with user-provided scratch memory, and relu after the operation where asked.
dnnl::primitive_attr attributes(bool relu = false);

/// While alive, primitives are made for one thread, and run on one.
class SingleThread {
 public:
  SingleThread();
  ~SingleThread();
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  int previous_;
};

/// A primitive with its arguments. Calls of one object must not overlap in time.
class Call {
 public:
  Call() = default;
  explicit Call(const dnnl::primitive& primitive) : primitive_(primitive) {}
  void bind(int argument, const dnnl::memory::desc& desc);
  void set(int argument, const void* data);
  /// Allocates nothing of its own: the C++ interface of oneDNN would build the list of arguments
  /// anew at each call.
  void run();
  /// The same on the calling thread only: for a task of a parallel region, which OpenMP runs
  /// outside of any where it is the only one.
  void run_alone();

 private:
  dnnl::primitive primitive_;
  /// Few, so that a scan finds one sooner than any look-up would.
  std::vector<std::pair<int, dnnl::memory>> arguments_;
  std::vector<dnnl_exec_arg_t> list_;
};

/// Row-major data seen as oneDNN's dims with those strides.
dnnl::memory::desc describe(const dnnl::memory::dims& dims, const dnnl::memory::dims& strides,
                            DType dtype = DType::Float32);
/// The same extents in whatever layout oneDNN prefers.
dnnl::memory::desc any(const dnnl::memory::dims& dims, DType dtype = DType::Float32);
/// Bytes rounded up to whole cache lines, so that parts of a scratch memory stay apart.
inline std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
/// Whether oneDNN has only its slow reference code for the primitive.
bool is_reference(const char* implementation);
/// Whether the processor has these instructions, and oneDNN may use them (ONEDNN_MAX_CPU_ISA).
bool has_avx512();
bool multiplies_bfloat16();
/// Whether the processor multiplies bfloat16 and oneDNN has fast code for the primitive whose
/// descriptor `make` makes. Elsewhere products are float32's, between casts.
template <typename Make>
bool is_fast_in_bfloat16(const Make& make) {
  if (!multiplies_bfloat16()) return false;
  try {
    return !is_reference(make().impl_info_str());
  } catch (const dnnl::error&) {
    return false;
  }
}

}  // namespace sinew::cpu::onednn
