using IlgpuSpp.Reference;

namespace IlgpuSpp.Models.Tests;

/// <summary>The paper's four networks, an eighth as wide, forward and backward at both sizes of multi-size training against plain loops in double precision.</summary>
public sealed class PaperNetworkPassTests
{
    [Theory]
    [InlineData("zf5", 224)]
    [InlineData("zf5", 180)]
    [InlineData("convnet5", 224)]
    [InlineData("convnet5", 180)]
    [InlineData("overfeat5", 224)]
    [InlineData("overfeat5", 180)]
    [InlineData("overfeat7", 224)]
    [InlineData("overfeat7", 180)]
    [InlineData("zf5-table1", 224)]
    [InlineData("overfeat5-table1", 180)]
    public void ScoresAndAllGradients(string name, int side)
    {
        using var cpu = new CpuBackend(new CpuOptions { Threads = 2 });
        using Model model = Zoo.Create(name, new ModelOptions { Classes = 10, Width = 0.125, Dropout = 0 }, cpu, seed: 6);
        var shape = new Shape(1, side, side, 3);
        // An image without two responses that are the largest of a bin to within rounding: the gradient of that bin would go to either (31 has one, for overfeat5-table1).
        float[] image = TestValues.Uniform(shape.Count, 33, -128, 128), gradient = TestValues.Uniform(10, 32);

        using NetworkPass pass = model.Network.Plan(shape, PassMode.Training);
        pass.Input.Upload(image);
        pass.Forward();
        float[] scores = pass.Output.ToArray();
        pass.OutputGradient!.Upload(gradient);
        pass.Backward();

        var reference = new ReferenceChain(image.ToDouble(), shape);
        foreach (Layer layer in model.Network.Root.Children) Add(reference, layer);
        reference.Backward(gradient.ToDouble());
        Assert.InRange(Distance(reference.Output, scores), 0, 2e-6);
        Assert.Equal(reference.Gradients.Count, model.Network.Parameters.Count);
        for (int i = 0; i < reference.Gradients.Count; i++)
        {
            double distance = Distance(reference.Gradients[i], model.Network.Parameters[i].Gradient.ToArray());
            Assert.True(distance < 1e-5, $"{model.Network.Parameters[i].FullName}: {distance}");
        }
    }

    private static void Add(ReferenceChain chain, Layer layer)
    {
        switch (layer)
        {
            case Conv2d conv:
                chain.Conv(conv.Weight.Value.ToArray(), conv.Bias!.Value.ToArray(), conv.Geometry.KernelHeight, conv.Geometry.StrideHeight, conv.Geometry.PadHeight);
                break;
            case Relu:
                chain.Relu();
                break;
            case LocalResponseNorm norm:
                chain.Lrn(norm.Geometry);
                break;
            case MaxPool2d pool:
                chain.MaxPool(pool.Geometry);
                break;
            case SpatialPyramidPool pool:
                chain.PyramidPool(pool.Pyramid);
                break;
            case Linear linear:
                chain.Linear(linear.Weight.Value.ToArray(), linear.Bias!.Value.ToArray());
                break;
            case Dropout:
                break;
            default:
                throw new NotSupportedException(layer.Kind);
        }
    }

    // |a − b| / |a|.
    private static double Distance(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum() / expected.Sum(a => a * a));
    }
}
