using static IlgpuSpp.Models.Tests.Caffe.CaffeWire;

namespace IlgpuSpp.Models.Tests.Caffe;

/// <summary>A network for the import tests: its description, its weights, and the scores that OpenCV 4.6 computes with them.</summary>
internal sealed record CaffeSample(string Prototxt, LayerBlobs[] Layers, Form Form, int Side, string ScoreLayer, float[] OpenCvScores);

/// <summary>Networks that hold every kind of layer that can be imported and that OpenCV reads.</summary>
internal static class CaffeSamples
{
    /// <summary>The form of the released ZF-5: the old format, within-channel normalisation, a pyramid of parallel pools on a 13x13 map.</summary>
    public static CaffeSample ReleasedForm { get; } = new(
        """
        name: "ReleasedForm"   # a small network in the form of the released one
        input: "data"
        input_dim: 1
        input_dim: 3
        input_dim: 57
        input_dim: 57
        layers { name: "conv1" type: CONVOLUTION bottom: "data" top: "conv1" blobs_lr: 1 blobs_lr: 2
          convolution_param { num_output: 8 kernel_size: 7 stride: 2 pad: 1 weight_filler { type: "gaussian" std: 0.01 } } }
        layers { name: "relu1" type: RELU bottom: "conv1" top: "conv1" }
        layers { name: "norm1" type: LRN bottom: "conv1" top: "norm1" lrn_param { local_size: 3 alpha: 0.5 beta: 0.75 norm_region: WITHIN_CHANNEL } }
        layers { name: "pool1" type: POOLING bottom: "norm1" top: "pool1" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
        layers { name: "conv2" type: CONVOLUTION bottom: "pool1" top: "conv2" convolution_param { num_output: 12 kernel_size: 3 pad: 1 group: 2 } }
        layers { name: "relu2" type: RELU bottom: "conv2" top: "conv2" }
        layers { name: "norm2" type: LRN bottom: "conv2" top: "norm2" lrn_param { local_size: 5 alpha: 0.3 beta: 0.75 } }
        layers { name: "spm6" type: POOLING bottom: "norm2" top: "spm6" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
        layers { name: "flatten6" type: FLATTEN bottom: "spm6" top: "flatten6" }
        layers { name: "spm3" type: POOLING bottom: "norm2" top: "spm3" pooling_param { pool: MAX kernel_size: 5 stride: 4 } }
        layers { name: "flatten3" type: FLATTEN bottom: "spm3" top: "flatten3" }
        layers { name: "spm2" type: POOLING bottom: "norm2" top: "spm2" pooling_param { pool: MAX kernel_size: 7 stride: 7 } }
        layers { name: "flatten2" type: FLATTEN bottom: "spm2" top: "flatten2" }
        layers { name: "spm1" type: POOLING bottom: "norm2" top: "spm1" pooling_param { pool: MAX kernel_size: 13 stride: 13 } }
        layers { name: "flatten1" type: FLATTEN bottom: "spm1" top: "flatten1" }
        layers { name: "spm" type: CONCAT bottom: "flatten1" bottom: "flatten2" bottom: "flatten3" bottom: "flatten6" top: "spm" concat_param { concat_dim: 1 } }
        layers { name: "fc6" type: INNER_PRODUCT bottom: "spm" top: "fc6" inner_product_param { num_output: 16 } }
        layers { name: "relu6" type: RELU bottom: "fc6" top: "fc6" }
        layers { name: "drop6" type: DROPOUT bottom: "fc6" top: "fc6" dropout_param { dropout_ratio: 0.5 } }
        layers { name: "fc8" type: INNER_PRODUCT bottom: "fc6" top: "fc8" inner_product_param { num_output: 5 } }
        layers { name: "prob" type: SOFTMAX bottom: "fc8" top: "prob" }
        """,
        [
            new("conv1", Weights(1, 8, 3, 7, 7), Offsets(2, 8)),
            new("conv2", Weights(3, 12, 4, 3, 3), Offsets(4, 12)),
            new("fc6", Weights(5, 16, 600), Offsets(6, 16)),
            new("fc8", Weights(7, 5, 16), Offsets(8, 5)),
        ],
        Form.Old, 57, "fc8", [0.740752f, 4.6198545f, -1.7404263f, 0.6423365f, 2.9114382f]);

    /// <summary>The new format: branches, a residual block, batch normalisation with and without Scale, PReLU, average pooling.</summary>
    public static CaffeSample Branched { get; } = new(
        """
        name: 'Branched'
        layer { name: "data" type: "Input" top: "data" input_param { shape: { dim: [1, 3, 32, 32] } } }
        layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 8 kernel_size: 3 pad: 1 bias_term: false } }
        layer { name: "bn1" type: "BatchNorm" bottom: "conv1" top: "conv1" batch_norm_param { use_global_stats: true eps: 0.001 } }
        layer { name: "scale1" type: "Scale" bottom: "conv1" top: "conv1" scale_param { bias_term: true } }
        layer { name: "prelu1" type: "PReLU" bottom: "conv1" top: "conv1" }
        layer { name: "a/1x1" type: "Convolution" bottom: "conv1" top: "a" convolution_param { num_output: 6 kernel_size: 1 } }
        layer { name: "b/3x1" type: "Convolution" bottom: "conv1" top: "b" convolution_param { num_output: 4 kernel_h: 3 kernel_w: 1 pad_h: 1 pad_w: 0 } }
        layer { name: "b/relu" type: "ReLU" bottom: "b" top: "b" }
        layer { name: "c/pool" type: "Pooling" bottom: "conv1" top: "c" pooling_param { pool: MAX kernel_size: 3 stride: 1 pad: 1 } }
        layer { name: "join" type: "Concat" bottom: "a" bottom: "b" bottom: "c" top: "join" }
        layer { name: "pool2" type: "Pooling" bottom: "join" top: "pool2" pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 } }
        layer { name: "res_conv1" type: "Convolution" bottom: "pool2" top: "res1" convolution_param { num_output: 18 kernel_size: 3 pad: 1 group: 3 } }
        layer { name: "res_bn1" type: "BatchNorm" bottom: "res1" top: "res1" }
        layer { name: "res_relu1" type: "ReLU" bottom: "res1" top: "res1" relu_param { negative_slope: 0.1 } }
        layer { name: "res_conv2" type: "Convolution" bottom: "res1" top: "res2" convolution_param { num_output: 18 kernel_size: 1 } }
        layer { name: "sum" type: "Eltwise" bottom: "pool2" bottom: "res2" top: "sum" eltwise_param { operation: SUM } }
        layer { name: "sum_relu" type: "ReLU" bottom: "sum" top: "sum" }
        layer { name: "scale2" type: "Scale" bottom: "sum" top: "scaled" scale_param { bias_term: true } }
        layer { name: "sigmoid2" type: "Sigmoid" bottom: "scaled" top: "scaled" }
        layer { name: "pool3" type: "Pooling" bottom: "scaled" top: "pool3" pooling_param { pool: MAX kernel_size: 5 stride: 4 } }
        layer { name: "score" type: "InnerProduct" bottom: "pool3" top: "score" inner_product_param { num_output: 7 } }
        layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }
        """,
        [
            new("conv1", Weights(11, 8, 3, 3, 3)),
            new("bn1", Offsets(12, 8), Around(13, 3, 8), new Blob([1], [2])),
            new("scale1", Around(14, 1, 8), Offsets(15, 8)),
            new("prelu1", Around(16, 0.6f, 8)),
            new("a/1x1", Weights(17, 6, 8, 1, 1), Offsets(18, 6)),
            new("b/3x1", Weights(19, 4, 8, 3, 1), Offsets(20, 4)),
            new("res_conv1", Weights(21, 18, 6, 3, 3), Offsets(22, 18)),
            new("res_bn1", Offsets(23, 18), Around(24, 1.5f, 18), new Blob([1], [0.5f])),
            new("res_conv2", Weights(25, 18, 18, 1, 1), Offsets(26, 18)),
            new("scale2", Around(27, 1, 18), Offsets(28, 18)),
            new("score", Weights(29, 7, 288), Offsets(30, 7)),
        ],
        Form.New, 32, "score", [0.3517877f, 2.8282156f, -0.17370093f, -0.9282464f, -0.080102324f, 0.43692404f, 0.059786677f]);

    /// <summary>The input that the scores belong to, <c>[3, side, side]</c>, row-major.</summary>
    public static float[] Image(int side) => Uniform(999, 3 * side * side, 2);

    /// <summary>Numbers in (−amplitude, amplitude) from a linear congruential generator, the same everywhere.</summary>
    public static float[] Uniform(uint seed, int count, float amplitude)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            seed = seed * 1664525 + 1013904223;
            values[i] = ((seed >> 8) / 8388608f - 1) * amplitude;
        }
        return values;
    }

    private static Blob Weights(uint seed, params int[] shape)
    {
        int count = shape.Aggregate(1, (product, extent) => product * extent);
        return new Blob(shape, Uniform(seed * 7919, count, MathF.Sqrt(6f / (count / shape[0]))));
    }

    private static Blob Offsets(uint seed, int count) => new([count], Uniform(seed * 7919, count, 0.5f));

    private static Blob Around(uint seed, float centre, int count) => new([count], [.. Uniform(seed * 7919, count, 0.5f * centre).Select(value => centre + value)]);
}
