// Where the steps of masked sequences go: rows by falling number of steps that count, each row's
// counting steps first. Integers only, a few operations a step, by one thread.

#include <algorithm>
#include <cstdint>

#include "backends/cpu/registry.h"

namespace sinew::cpu {
namespace {

class PackSequences : public Kernel {
 public:
  explicit PackSequences(const KernelRequest& r)
      : rows_(r.inputs[0].shape[0]), steps_(r.inputs[0].shape[1]) {}

  void run(const KernelArguments& a) override {
    const bool* mask = static_cast<const bool*>(a.inputs[0]);
    const auto out = [&](std::size_t i) { return static_cast<std::int64_t*>(a.outputs[i]); };
    std::int64_t *from = out(0), *places = out(1), *lengths = out(3), *order = out(4),
                 *back = out(5);
    bool* begun = static_cast<bool*>(a.outputs[2]);
    // Counts by row of the mask stand in `back` until each row's place is known.
    for (std::int64_t row = 0; row < rows_; ++row) {
      back[row] = std::count(mask + row * steps_, mask + (row + 1) * steps_, true);
      order[row] = row;
    }
    std::sort(order, order + rows_, [back](std::int64_t one, std::int64_t other) {
      return back[one] != back[other] ? back[one] > back[other] : one < other;
    });
    for (std::int64_t place = 0; place < rows_; ++place) lengths[place] = back[order[place]];
    for (std::int64_t place = 0; place < rows_; ++place) {
      const std::int64_t row = order[place];
      back[row] = place;
      std::int64_t counting = place * steps_, other = counting + lengths[place];
      for (std::int64_t step = row * steps_; step < (row + 1) * steps_; ++step) {
        from[mask[step] ? counting++ : other++] = step;
        begun[step] = counting > place * steps_;
        places[step] = begun[step] ? counting - 1 : counting;
      }
    }
  }

 private:
  std::int64_t rows_, steps_;
};

const RegisterKernel pack_sequences({
    .op = "pack_sequences",
    .create = [](const KernelRequest& r) -> std::unique_ptr<Kernel> {
      return std::make_unique<PackSequences>(r);
    },
});

}  // namespace
}  // namespace sinew::cpu
