using IlgpuSpp.Engine;

namespace IlgpuSpp.Layers.Tests;

/// <summary>
/// Every layer of the project at a shape: what is asked of each (gradients, description, receptive field, ONNX form) is asked of all
/// rows. A new layer is one more row.
/// </summary>
internal static class LayerCases
{
    private static readonly Dictionary<string, (Func<Layer> Layer, Shape Input)> All = new()
    {
        ["conv 3x3"] = (() => new Conv2d(3, 5, 3, pad: 1), new Shape(2, 6, 7, 3)),
        ["conv 5x5/2 groups"] = (() => new Conv2d(4, 6, 5, stride: 2, pad: 2, groups: 2), new Shape(2, 9, 8, 4)),
        ["conv 3x5/1,2"] = (() => new Conv2d(3, 4, new ConvGeometry(3, 5, 1, 2, 1, 2)), new Shape(2, 6, 9, 3)),
        ["conv without bias"] = (() => new Conv2d(2, 3, 2, bias: false), new Shape(1, 4, 5, 2)),
        ["relu"] = (() => new Relu(), new Shape(2, 3, 4, 2)),
        ["batch norm on rows"] = (() => new BatchNorm(5, 0.2f, 1e-3f), new Shape(6, 5)),
        ["average pool that counts padding"] = (() => new AveragePool2d(4, 3, 2, PoolRounding.Floor, AveragePoolDivisor.Padded), new Shape(1, 9, 8, 2)),
        ["max pool over pixels apart"] = (() => new MaxPool2d(new PoolGeometry(2, 3, 2, 3, 1, 1, PoolRounding.Floor)), new Shape(1, 7, 9, 2)),
        ["linear"] = (() => new Linear(12, 7), new Shape(3, 12)),
        ["linear on a map"] = (() => new Linear(3 * 4 * 2, 5), new Shape(2, 3, 4, 2)),
        ["sigmoid"] = (() => new Sigmoid(), new Shape(2, 9)),
        ["leaky relu"] = (() => new LeakyRelu(0.2f), new Shape(2, 9)),
        ["relu6"] = (() => new Sequential(new Linear(9, 9), new Relu6()), new Shape(2, 9)),
        ["hard sigmoid"] = (() => new HardSigmoid(0.7f), new Shape(2, 9)),
        ["hard swish on a map"] = (() => new HardSwish(), new Shape(2, 4, 3, 3)),
        ["hard swish in a chain"] = (() => new Sequential(new Linear(4, 5), new HardSwish(), new Linear(5, 3)), new Shape(3, 4)),
        ["parametric relu on a map"] = (() => new PRelu(3, 0.3f), new Shape(2, 4, 3, 3)),
        ["parametric relu on rows"] = (() => new PRelu(4, 0.6f), new Shape(3, 4)),
        ["lrn within"] = (() => new LocalResponseNorm(new LrnGeometry(LrnRegion.WithinChannel, 3, 0.5f, 0.75f)), new Shape(2, 5, 4, 3)),
        ["lrn across"] = (() => new LocalResponseNorm(new LrnGeometry(LrnRegion.AcrossChannels, 5, 0.5f, 0.75f, 2)), new Shape(2, 3, 4, 7)),
        ["batch norm"] = (() => new BatchNorm(3), new Shape(4, 3, 3, 3)),
        ["dropout"] = (() => new Dropout(0.4f), new Shape(4, 10)),
        ["average pool"] = (() => new AveragePool2d(3, 2, 1, PoolRounding.Ceil), new Shape(2, 7, 6, 3)),
        ["global average pool"] = (() => new GlobalAveragePool(), new Shape(2, 5, 4, 3)),
        ["max pool"] = (() => new MaxPool2d(3, 2, 0, PoolRounding.Ceil), new Shape(2, 6, 7, 3)),
        ["pyramid"] = (() => new SpatialPyramidPool(1, 2, 3), new Shape(2, 7, 5, 3)),
        ["grid flatten"] = (() => new GridFlatten(3), new Shape(2, 3, 3, 4)),
        ["flatten"] = (() => new Sequential(new Flatten(), new Linear(24, 3)), new Shape(2, 3, 4, 2)),
        ["chain with fused activations"] = (() => new Sequential(new Conv2d(2, 4, 3, pad: 1), new Sigmoid(), new AveragePool2d(2), new Linear(16, 5), new Sigmoid(), new Linear(5, 3)), new Shape(2, 4, 4, 2)),
        ["residual"] = (() => new Residual(new Sequential(new Conv2d(3, 3, 3, pad: 1), new Sigmoid(), new Conv2d(3, 3, 3, pad: 1)), activation: new Activation(ActivationKind.Sigmoid)), new Shape(2, 4, 4, 3)),
        ["residual with projection"] = (() => new Sequential(new Conv2d(3, 3, 1), new Residual(new Conv2d(3, 5, 3, stride: 2, pad: 1), new Conv2d(3, 5, 1, stride: 2)), new Sigmoid()), new Shape(2, 4, 4, 3)),
        ["concat"] = (() => new Sequential(new Conv2d(2, 3, 1), new Concat(new Conv2d(3, 2, 3, pad: 1), new Conv2d(3, 4, 1), new Sequential(new Conv2d(3, 1, 1), new Sigmoid())), new Sigmoid()), new Shape(2, 3, 3, 2)),
    };

    public static IEnumerable<string> Keys => All.Keys;

    public static TheoryData<string> Names => new(All.Keys);

    public static (Layer Layer, Shape Input) Of(string name) => (All[name].Layer(), All[name].Input);
}
