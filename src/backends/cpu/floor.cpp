#include "sinew/runtime/floor.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <unordered_map>

#include "backends/cpu/onednn_primitives.h"
#include "sinew/base/error.h"
#include "sinew/ops/conv.h"

namespace sinew::cpu {
namespace {

using dnnl::memory;
using runtime::Primitive;
using Dims = memory::dims;
using Arguments = std::unordered_map<int, memory>;

/// Runs a primitive once and says how many seconds it took.
using Timer = std::function<double()>;

Timer timer(const dnnl::primitive& primitive, const Arguments& arguments) {
  return [primitive, arguments] {
    const auto begin = std::chrono::steady_clock::now();
    primitive.execute(onednn::stream(), arguments);
    onednn::stream().wait();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
}

memory filled(const memory::desc& desc) {
  memory result(desc, onednn::engine());
  float* data = static_cast<float*>(result.get_data_handle());
  for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i)
    data[i] = static_cast<float>(i % 13) * 0.1f - 0.6f;
  return result;
}

memory::desc tagged(const Dims& dims, memory::format_tag tag) {
  return {dims, memory::data_type::f32, tag};
}

Timer convolution(const Primitive& p, memory::format_tag tag) {
  const auto& e = p.extents;
  const auto kind = p.kind;
  Dims before{0, 0}, after{0, 0}, cells;
  for (std::size_t axis : {0u, 1u}) {
    if (p.same_padding) {
      const auto padding = ops::same_padding(e[axis + 1], p.window, p.stride);
      before[axis] = padding[0];
      after[axis] = padding[1];
    }
    cells.push_back((e[axis + 1] + before[axis] + after[axis] - p.window) / p.stride + 1);
  }
  const Dims x{e[0], e[3], e[1], e[2]}, w{e[4], e[3], p.window, p.window}, b{e[4]},
      y{e[0], e[4], cells[0], cells[1]};
  const Dims step{p.stride, p.stride}, none{0, 0};
  const auto plain = memory::format_tag::any;
  const memory::desc xd = tagged(x, tag), wd = tagged(w, plain),
                     bd = tagged(b, memory::format_tag::x), yd = tagged(y, tag);
  const onednn::Convolution c{xd, wd, bd, yd, step, none, before, after};
  if (kind == Primitive::Kind::ConvForward) {
    const auto forward = onednn::convolution_forward(c);
    if (onednn::is_reference(forward.impl_info_str())) return {};
    return timer(dnnl::convolution_forward(forward),
                 {{DNNL_ARG_SRC, filled(forward.src_desc())},
                  {DNNL_ARG_WEIGHTS, filled(forward.weights_desc())},
                  {DNNL_ARG_BIAS, filled(bd)},
                  {DNNL_ARG_DST, filled(forward.dst_desc())}});
  }
  if (kind == Primitive::Kind::ConvBackwardData) {
    const auto pd = onednn::convolution_backward_data(c);
    return timer(dnnl::convolution_backward_data(pd),
                 {{DNNL_ARG_DIFF_DST, filled(pd.diff_dst_desc())},
                  {DNNL_ARG_WEIGHTS, filled(pd.weights_desc())},
                  {DNNL_ARG_DIFF_SRC, filled(pd.diff_src_desc())}});
  }
  const auto pd = onednn::convolution_backward_weights(c);
  return timer(dnnl::convolution_backward_weights(pd),
               {{DNNL_ARG_SRC, filled(pd.src_desc())},
                {DNNL_ARG_DIFF_DST, filled(pd.diff_dst_desc())},
                {DNNL_ARG_DIFF_WEIGHTS, filled(pd.diff_weights_desc())},
                {DNNL_ARG_DIFF_BIAS, filled(bd)}});
}

Timer pooling(Primitive::Kind kind, const std::vector<std::int64_t>& e) {
  const Dims x{e[0], e[3], e[1], e[2]}, y{e[0], e[3], e[1] / 2, e[2] / 2}, two{2, 2}, none{0, 0};
  const memory::desc xd = tagged(x, memory::format_tag::nhwc),
                     yd = tagged(y, memory::format_tag::nhwc);
  const onednn::MaxPooling p{xd, yd, two, two, none, none};
  const auto forward = onednn::max_pooling_forward(p);
  memory workspace(forward.workspace_desc(), onednn::engine());
  const Arguments arguments{
      {DNNL_ARG_SRC, filled(xd)}, {DNNL_ARG_DST, filled(yd)}, {DNNL_ARG_WORKSPACE, workspace}};
  const dnnl::pooling_forward primitive(forward);
  const Timer run = timer(primitive, arguments);
  if (kind == Primitive::Kind::MaxPoolForward) return run;
  // The backward pass reads the workspace.
  run();
  const auto backward = onednn::max_pooling_backward(p);
  return timer(dnnl::pooling_backward(backward), {{DNNL_ARG_DIFF_SRC, filled(xd)},
                                                  {DNNL_ARG_DIFF_DST, filled(yd)},
                                                  {DNNL_ARG_WORKSPACE, workspace}});
}

Timer batch_norm(const Primitive& p, memory::format_tag tag) {
  const auto& e = p.extents;
  const memory::desc x = tagged({e[0], e[3], e[1], e[2]}, tag),
                     channels = tagged({e[3]}, memory::format_tag::x);
  const auto forward = onednn::batch_norm_relu_forward(x);
  memory workspace(forward.workspace_desc(), onednn::engine());
  Arguments arguments{{DNNL_ARG_SRC, filled(x)},          {DNNL_ARG_DST, filled(x)},
                      {DNNL_ARG_MEAN, filled(channels)},  {DNNL_ARG_VARIANCE, filled(channels)},
                      {DNNL_ARG_SCALE, filled(channels)}, {DNNL_ARG_SHIFT, filled(channels)},
                      {DNNL_ARG_WORKSPACE, workspace}};
  const Timer run = timer(dnnl::batch_normalization_forward(forward), arguments);
  if (p.kind == Primitive::Kind::BatchNormForward) return run;
  // The backward pass reads the workspace.
  run();
  arguments.erase(DNNL_ARG_DST);
  arguments.emplace(DNNL_ARG_DIFF_DST, filled(x));
  arguments.emplace(DNNL_ARG_DIFF_SRC, filled(x));
  arguments.emplace(DNNL_ARG_DIFF_SCALE, filled(channels));
  arguments.emplace(DNNL_ARG_DIFF_SHIFT, filled(channels));
  const auto backward = onednn::batch_norm_relu_backward(x);
  return timer(dnnl::batch_normalization_backward(backward), arguments);
}

Timer product(const std::vector<std::int64_t>& e) {
  const memory::desc a = tagged({e[0], e[1]}, memory::format_tag::ab),
                     b = tagged({e[1], e[2]}, memory::format_tag::any),
                     y = tagged({e[0], e[2]}, memory::format_tag::ab);
  const auto pd = onednn::matmul(a, b, {}, y);
  return timer(dnnl::matmul(pd), {{DNNL_ARG_SRC, filled(a)},
                                  {DNNL_ARG_WEIGHTS, filled(pd.weights_desc())},
                                  {DNNL_ARG_DST, filled(y)}});
}

Timer lstm(Primitive::Kind kind, const std::vector<std::int64_t>& e) {
  const std::int64_t t = e[0], n = e[1], c = e[2], h = e[3];
  using tag = memory::format_tag;
  const memory::desc x = tagged({t, n, c}, tag::tnc), y = tagged({t, n, h}, tag::tnc),
                     state = tagged({1, 1, n, h}, tag::ldnc);
  const memory::desc wx = tagged({1, 1, c, 4, h}, tag::any), wh = tagged({1, 1, h, 4, h}, tag::any),
                     bias = tagged({1, 1, 4, h}, tag::ldgo);
  const onednn::Lstm layer{x, state, wx, wh, bias, y};
  const auto forward = onednn::lstm_forward(layer);
  memory workspace(forward.workspace_desc(), onednn::engine());
  const Arguments arguments{{DNNL_ARG_SRC_LAYER, filled(x)},
                            {DNNL_ARG_SRC_ITER, filled(state)},
                            {DNNL_ARG_SRC_ITER_C, filled(state)},
                            {DNNL_ARG_WEIGHTS_LAYER, filled(forward.weights_layer_desc())},
                            {DNNL_ARG_WEIGHTS_ITER, filled(forward.weights_iter_desc())},
                            {DNNL_ARG_BIAS, filled(bias)},
                            {DNNL_ARG_DST_LAYER, filled(y)},
                            {DNNL_ARG_DST_ITER, filled(state)},
                            {DNNL_ARG_DST_ITER_C, filled(state)},
                            {DNNL_ARG_WORKSPACE, workspace}};
  const Timer run = timer(dnnl::lstm_forward(forward), arguments);
  if (kind == Primitive::Kind::LstmForward) return run;
  // The backward pass reads the workspace.
  run();
  const auto backward = onednn::lstm_backward(layer);
  Arguments all = arguments;
  all.insert_or_assign(DNNL_ARG_WEIGHTS_LAYER, filled(backward.weights_layer_desc()));
  all.insert_or_assign(DNNL_ARG_WEIGHTS_ITER, filled(backward.weights_iter_desc()));
  all.emplace(DNNL_ARG_DIFF_SRC_LAYER, filled(x));
  all.emplace(DNNL_ARG_DIFF_SRC_ITER, filled(state));
  all.emplace(DNNL_ARG_DIFF_SRC_ITER_C, filled(state));
  all.emplace(DNNL_ARG_DIFF_WEIGHTS_LAYER, filled(backward.diff_weights_layer_desc()));
  all.emplace(DNNL_ARG_DIFF_WEIGHTS_ITER, filled(backward.diff_weights_iter_desc()));
  all.emplace(DNNL_ARG_DIFF_BIAS, filled(bias));
  all.emplace(DNNL_ARG_DIFF_DST_LAYER, filled(y));
  all.emplace(DNNL_ARG_DIFF_DST_ITER, filled(state));
  all.emplace(DNNL_ARG_DIFF_DST_ITER_C, filled(state));
  return timer(dnnl::lstm_backward(backward), all);
}

}  // namespace
}  // namespace sinew::cpu

namespace sinew::runtime {

namespace {

/// Where the library's layout is left to us, each that may be the best.
std::vector<cpu::Timer> ways(const Primitive& primitive) {
  using Kind = Primitive::Kind;
  using tag = dnnl::memory::format_tag;
  const auto& e = primitive.extents;
  switch (primitive.kind) {
    case Kind::ConvForward:
    case Kind::ConvBackwardData:
    case Kind::ConvBackwardWeights:
      // For few channels the library's own choice of layout can end in reference code, so
      // channels-last competes.
      return {cpu::convolution(primitive, tag::any), cpu::convolution(primitive, tag::nhwc)};
    case Kind::MaxPoolForward:
    case Kind::MaxPoolBackward:
      return {cpu::pooling(primitive.kind, e)};
    case Kind::BatchNormForward:
    case Kind::BatchNormBackward:
      return {cpu::batch_norm(primitive, tag::nhwc), cpu::batch_norm(primitive, tag::nChw16c)};
    case Kind::Matmul:
      return {cpu::product(e)};
    case Kind::LstmForward:
    case Kind::LstmBackward:
      return {cpu::lstm(primitive.kind, e)};
  }
  throw InternalError("unknown primitive");
}

}  // namespace

PrimitiveTimer::PrimitiveTimer(const std::vector<Primitive>& primitives) {
  for (const Primitive& primitive : primitives) {
    const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.primitive == primitive;
    });
    if (same != entries_.end()) {
      ++same->count;
      continue;
    }
    Entry entry{.primitive = primitive};
    try {
      for (cpu::Timer& way : ways(primitive)) {
        if (way) entry.ways.push_back(std::move(way));
      }
    } catch (const dnnl::error& error) {
      throw InternalError(std::string("oneDNN: ") + error.what());
    }
    entries_.push_back(std::move(entry));
  }
}

void PrimitiveTimer::run(int times) {
  for (Entry& entry : entries_) {
    for (const auto& way : entry.ways) {
      for (int i = 0; i < times; ++i) entry.seconds = std::min(entry.seconds, way());
    }
  }
}

double PrimitiveTimer::seconds() const {
  double sum = 0;
  for (const Entry& entry : entries_) sum += entry.count * entry.seconds;
  return sum;
}

}  // namespace sinew::runtime
