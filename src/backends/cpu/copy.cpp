#include <cstring>

#include "backends/cpu/registry.h"

namespace sinew::cpu {
namespace {

class Copy : public Kernel {
 public:
  explicit Copy(const KernelRequest& request)
      : bytes_(static_cast<std::size_t>(request.outputs[0].shape.numel()) *
               size_of(request.outputs[0].dtype)) {}
  void run(const KernelArguments& arguments) override {
    std::memcpy(arguments.outputs[0], arguments.inputs[0], bytes_);
  }

 private:
  std::size_t bytes_;
};

const RegisterKernel copy({
    .op = "copy",
    .create = [](const KernelRequest& request) -> std::unique_ptr<Kernel> {
      return std::make_unique<Copy>(request);
    },
    .bfloat16 = always,
});

}  // namespace
}  // namespace sinew::cpu
