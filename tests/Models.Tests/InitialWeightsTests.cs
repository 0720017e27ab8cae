using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.Models.Tests;

/// <summary>How large the weights are that a network starts from.</summary>
public sealed class InitialWeightsTests
{
    // spp-small: what PyTorch's Conv2d and Linear start with, uniform up to 1/√fan-in, a deviation of 1/√(3·fan-in) at a fan-in of
    // 75, 288, 576, 1152, 6400 and 256. ResNet-18: He's √(2/fan-in) at 147 and 576.
    [Theory]
    [InlineData("spp-small", "conv1.weight", 0.066667)]
    [InlineData("spp-small", "conv2.weight", 0.034021)]
    [InlineData("spp-small", "conv3.weight", 0.024056)]
    [InlineData("spp-small", "conv4.weight", 0.017010)]
    [InlineData("spp-small", "fc5.weight", 0.0072169)]
    [InlineData("spp-small", "fc6.weight", 0.036084)]
    [InlineData("resnet18", "conv1.weight", 0.11664)]
    [InlineData("resnet18", "layer1_0.main.conv1.weight", 0.058926)]
    public void Weights_StartWithTheirDeviation(string network, string name, double deviation)
    {
        using var cpu = new CpuBackend();
        using Model model = Zoo.Create(network, new ModelOptions { Classes = 10 }, cpu, seed: 1);
        float[] weights = model.Network.Parameters.Single(parameter => parameter.FullName == name).Value.ToArray();
        double mean = weights.Average(w => (double)w), measured = Math.Sqrt(weights.Average(w => (w - mean) * (w - mean)));
        // Of n normal values the mean has a deviation of σ/√n, the deviation one of about σ/√(2n).
        double error = deviation / Math.Sqrt(weights.Length);
        Assert.InRange(mean, -4 * error, 4 * error);
        Assert.InRange(measured, deviation - 3 * error, deviation + 3 * error);
    }
}
