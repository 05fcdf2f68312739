#include "backends/cpu/onednn.h"

#include <omp.h>

#include <cstring>
#include <numeric>
#include <string_view>
#include <vector>

#include "backends/cpu/onednn_primitives.h"

namespace sinew::cpu::onednn {
namespace {

dnnl::memory::data_type data_type(DType dtype) {
  return dtype == DType::BFloat16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

}  // namespace

dnnl::engine& engine() {
  static dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

dnnl::stream& stream() {
  thread_local dnnl::stream instance(engine());
  return instance;
}

dnnl::primitive_attr attributes(bool relu) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (relu) {
    dnnl::post_ops after;
    append_relu(after);
    attributes.set_post_ops(after);
  }
  return attributes;
}

SingleThread::SingleThread() : previous_(omp_get_max_threads()) { omp_set_num_threads(1); }
SingleThread::~SingleThread() { omp_set_num_threads(previous_); }

void Call::run_alone() {
  const SingleThread alone;
  run();
}

void Call::bind(int argument, const dnnl::memory::desc& desc) {
  arguments_.emplace_back(argument, dnnl::memory(desc, engine(), nullptr));
  list_.push_back({argument, arguments_.back().second.get()});
}

void Call::set(int argument, const void* data) {
  for (auto& [key, memory] : arguments_) {
    if (key == argument) return memory.set_data_handle(const_cast<void*>(data));
  }
}

void Call::run() {
  const dnnl_status_t status = dnnl_primitive_execute(primitive_.get(), stream().get(),
                                                      static_cast<int>(list_.size()), list_.data());
  dnnl::error::wrap_c_api(status, "oneDNN could not execute a primitive");
}

dnnl::memory::desc describe(const dnnl::memory::dims& dims, const dnnl::memory::dims& strides,
                            DType dtype) {
  return {dims, data_type(dtype), strides};
}

dnnl::memory::desc any(const dnnl::memory::dims& dims, DType dtype) {
  return {dims, data_type(dtype), dnnl::memory::format_tag::any};
}

namespace {

/// Instruction sets are sets of bits.
bool may_use(dnnl::cpu_isa part) {
  const auto bits = static_cast<unsigned>(part);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

}  // namespace

bool has_avx512() { return may_use(dnnl::cpu_isa::avx512_core); }

bool multiplies_bfloat16() { return may_use(dnnl::cpu_isa::avx512_core_bf16); }

bool is_reference(const char* implementation) {
  return std::string_view(implementation).substr(0, 3) == "ref";
}

}  // namespace sinew::cpu::onednn
