#include <cstring>

#include "backends/cpu/registry.h"

namespace sinew::cpu {
namespace {

class Copy : public Kernel {
 public:
  explicit Copy(const KernelRequest& request)
      : bytes_(runtime::default_backend().bytes(request.outputs[0])) {}
  void run(const KernelArguments& arguments) override {
    std::memcpy(arguments.outputs[0], arguments.inputs[0], bytes_);
  }

 private:
  std::size_t bytes_;
};

/// Into the output's layout.
class Reorder : public Kernel {
 public:
  explicit Reorder(const KernelRequest& request) : type_(request.outputs[0]) {}
  void run(const KernelArguments& arguments) override {
    runtime::default_backend().to_layout(type_, arguments.inputs[0], arguments.outputs[0]);
  }

 private:
  TensorType type_;
};

const RegisterKernel reorder({
    .op = "reorder",
    .create = [](const KernelRequest& request) -> std::unique_ptr<Kernel> {
      return std::make_unique<Reorder>(request);
    },
    .bfloat16 = always,
});

const RegisterKernel copy({
    .op = "copy",
    .create = [](const KernelRequest& request) -> std::unique_ptr<Kernel> {
      return std::make_unique<Copy>(request);
    },
    .bfloat16 = always,
});

}  // namespace
}  // namespace sinew::cpu
