#include "pipeline.h"

#include <sinew/data/idx.h>
#include <sinew/data/loader.h>

namespace compare {

double Pipeline::epoch() {
  using sinew::Tensor;
  sinew::data::Loader loader({sinew::data::read_idx_unit_range(images_)}, {.batch_size = batch_});
  loader.start(1, epoch_++);
  double sum = 0;
  for (std::span<const Tensor> batch = loader.next(); !batch.empty(); batch = loader.next()) {
    const std::span<const float> pixels = batch[0].data<float>();
    const std::size_t image = pixels.size() / static_cast<std::size_t>(batch[0].shape()[0]);
    for (std::size_t at = 0; at < pixels.size(); at += image) sum += pixels[at];
  }
  return sum;
}

}  // namespace compare
