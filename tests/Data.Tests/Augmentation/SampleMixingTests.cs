using IlgpuSpp.Engine;

namespace IlgpuSpp.Data.Tests;

public sealed class SampleMixingTests
{
    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(2)]
    public void Shares_have_the_moments_of_the_beta_distribution(double alpha)
    {
        var random = new RandomStream(new RandomKey(3, 1, 0));
        double[] draws = [.. Enumerable.Range(0, 20000).Select(_ => (double)SampleMixing.Beta(alpha, random))];
        // Beta(α, α): mean 1/2, variance 1/(4(2α + 1)).
        Assert.All(draws, draw => Assert.InRange(draw, 0, 1));
        Assert.Equal(0.5, draws.Average(), tolerance: 0.012);
        Assert.Equal(1 / (4 * (2 * alpha + 1)), draws.Average(draw => (draw - 0.5) * (draw - 0.5)), tolerance: 0.004);
    }

    [Fact]
    public void Mixup_blends_and_cutmix_pastes_with_the_share_that_they_say()
    {
        const int Size = 24;
        float[] zeros = new float[Size * Size * 3], ones = [.. Enumerable.Repeat(1f, zeros.Length)];
        for (uint i = 0; i < 50; i++)
        {
            float[] blended = [.. ones], pasted = [.. ones];
            float share = new SampleMixing(AugmentationOptions.None with { Mixup = 1 }).Mix(blended, zeros, Size, new RandomStream(new RandomKey(1, 1, i)));
            Assert.All(blended, value => Assert.Equal(share, value));
            float kept = new SampleMixing(AugmentationOptions.None with { CutMix = 1 }).Mix(pasted, zeros, Size, new RandomStream(new RandomKey(1, 1, i)));
            Assert.Equal(pasted.Average(), kept, tolerance: 1e-5f);
            Assert.All(pasted, value => Assert.True(value is 0 or 1));
        }
    }
}
