namespace IlgpuSpp.Engine.Tests;

/// <summary>Comparisons with a reference in double precision.</summary>
public static class Expect
{
    /// <summary>|actual − expected| ≤ tolerance · max(|expected|, scale) for every element.</summary>
    public static void Close(double[] expected, float[] actual, double tolerance, double scale = 1)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double bound = tolerance * Math.Max(Math.Abs(expected[i]), scale);
            if (!(Math.Abs(actual[i] - expected[i]) <= bound) && !expected[i].Equals(actual[i]))
                Assert.Fail($"element {i} of {expected.Length}: expected {expected[i]:R}, got {actual[i]:R}, allowed difference {bound:R}");
        }
    }

    /// <summary>Exactly the reference's values, rounded to float.</summary>
    public static void Same(double[] expected, float[] actual) => Assert.Equal(Array.ConvertAll(expected, value => (float)value), actual);
}
