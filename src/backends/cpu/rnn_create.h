#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/cpu/registry.h"
#include "backends/cpu/rnn_cells.h"

/// A recurrent kernel, forward or backward, is a template over the element type and the cell; what
/// makes one for a request is the same for both directions.
namespace sinew::cpu {

template <template <typename, typename> class RnnKernel, template <typename> class Cell>
std::unique_ptr<Kernel> create_rnn(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64)
    return std::make_unique<RnnKernel<double, Cell<double>>>(r, Cell<double>());
  return std::make_unique<RnnKernel<float, Cell<float>>>(r, Cell<float>());
}

template <template <typename, typename> class RnnKernel>
std::unique_ptr<Kernel> create_simple_rnn(const KernelRequest& r) {
  const auto& activation = r.attributes.get<std::string>("activation");
  if (r.outputs[0].dtype == DType::Float64) {
    return std::make_unique<RnnKernel<double, SimpleCell<double>>>(r,
                                                                   SimpleCell<double>(activation));
  }
  return std::make_unique<RnnKernel<float, SimpleCell<float>>>(r, SimpleCell<float>(activation));
}

template <template <typename, typename> class RnnKernel>
std::unique_ptr<Kernel> create_gru(const KernelRequest& r) {
  return r.attributes.flag("reset_after") ? create_rnn<RnnKernel, GruCell>(r)
                                          : create_rnn<RnnKernel, GruResetBeforeCell>(r);
}

/// Whatever the cell computes, its kernels want their weights laid out alike.
template <template <typename, typename> class RnnKernel, template <typename> class Cell>
std::vector<std::string> rnn_layouts(const KernelRequest& r) {
  if (r.outputs[0].dtype == DType::Float64) return RnnKernel<double, Cell<double>>::layouts(r);
  return RnnKernel<float, Cell<float>>::layouts(r);
}

template <template <typename, typename> class RnnKernel>
std::vector<std::string> gru_layouts(const KernelRequest& r) {
  return r.attributes.flag("reset_after") ? rnn_layouts<RnnKernel, GruCell>(r)
                                          : rnn_layouts<RnnKernel, GruResetBeforeCell>(r);
}

}  // namespace sinew::cpu
