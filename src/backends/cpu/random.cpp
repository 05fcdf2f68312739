// Four numbers come from one Philox block: element i takes word i % 4 of counter i / 4, so any
// thread can make any part.

#include <algorithm>

#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"

namespace sinew::cpu {
namespace {

template <typename T>
class RandomUniform : public Kernel {
 public:
  explicit RandomUniform(const KernelRequest& request)
      : count_(request.outputs[0].shape.numel()), stream_(request.attributes.integer("stream")) {}
  void run(const KernelArguments& arguments) override {
    const auto seed =
        static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(arguments.inputs[0]));
    const auto step =
        static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(arguments.inputs[1]));
    T* out = static_cast<T*>(arguments.outputs[0]);
    constexpr std::int64_t kTask = 4096;
    parallel_for((count_ + kTask - 1) / kTask, [&](std::int64_t task) {
      for (std::int64_t i = task * kTask; i < std::min(count_, (task + 1) * kTask); i += 4) {
        const auto block =
            philox4x32({static_cast<std::uint32_t>(i / 4), static_cast<std::uint32_t>(stream_),
                        static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)},
                       {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
        for (std::int64_t k = 0; k < std::min<std::int64_t>(4, count_ - i); ++k) {
          out[i + k] =
              static_cast<T>(block[static_cast<std::size_t>(k)] >> 8) * static_cast<T>(0x1p-24);
        }
      }
    });
  }

 private:
  std::int64_t count_;
  std::int64_t stream_;
};

const RegisterKernel random_uniform({
    .op = "random_uniform",
    .create = [](const KernelRequest& request) -> std::unique_ptr<Kernel> {
      if (request.outputs[0].dtype == DType::Float64)
        return std::make_unique<RandomUniform<double>>(request);
      return std::make_unique<RandomUniform<float>>(request);
    },
});

}  // namespace
}  // namespace sinew::cpu
