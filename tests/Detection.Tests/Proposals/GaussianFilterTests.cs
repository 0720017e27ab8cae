namespace IlgpuSpp.Detection.Tests;

public sealed class GaussianFilterTests
{
    [Fact]
    public void Correlate_EqualsTheDefinitionInDoublePrecision()
    {
        const int Width = 37, Height = 11;
        float[] plane = [.. Enumerable.Range(0, Width * Height).Select(i => (float)(i * 7919 % 251))];
        float[] alongX = GaussianFilter.Kernel(1.3, 4), alongY = GaussianFilter.DerivativeKernel(1, 3);
        float[] result = GaussianFilter.Correlate(plane, Width, Height, alongX, alongY);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                double sum = 0;
                for (int v = -3; v <= 3; v++)
                {
                    for (int u = -4; u <= 4; u++)
                        sum += (double)alongY[v + 3] * alongX[u + 4] * plane[Math.Clamp(y + v, 0, Height - 1) * Width + Math.Clamp(x + u, 0, Width - 1)];
                }
                Assert.Equal(sum, result[y * Width + x], 1e-3);
            }
        }
    }

    [Fact]
    public void Derivative_OfARampIsItsSlope()
    {
        float[] ramp = [.. Enumerable.Range(0, 20).Select(i => 3f * i)];
        float[] slope = GaussianFilter.Correlate(ramp, 20, 1, GaussianFilter.DerivativeKernel(1, 4), GaussianFilter.Kernel(1, 4));
        for (int x = 4; x < 16; x++) Assert.Equal(3, slope[x], 1e-4);
    }
}
