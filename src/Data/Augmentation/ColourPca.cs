namespace IlgpuSpp.Data;

/// <summary>
/// The principal components of the colours of a training set, for the colour altering of Krizhevsky et al., "ImageNet
/// classification with deep convolutional neural networks" (2012): to every pixel of an image is added
/// <c>Σ_k α_k·λ_k·p_k</c> with α_k drawn from N(0, σ) once an image. Colours are measured from 0 to 1 here; λ depends on that
/// scale, and with it the strength of the change.
/// </summary>
/// <param name="First">The component of the largest eigenvalue, of length 1.</param>
/// <param name="Second">The next.</param>
/// <param name="Third">The last.</param>
/// <param name="Eigenvalues">The eigenvalues of the covariance of (red, green, blue) from 0 to 1, largest first.</param>
internal sealed record ColourPca(RgbValues First, RgbValues Second, RgbValues Third, RgbValues Eigenvalues)
{
    /// <summary>The values in wide use for ImageNet 2012.</summary>
    public static ColourPca ImageNet { get; } = new(
        new RgbValues(-0.5675f, -0.5808f, -0.5836f),
        new RgbValues(0.7192f, -0.0045f, -0.6948f),
        new RgbValues(0.4009f, -0.8140f, 0.4203f),
        new RgbValues(0.2175f, 0.0188f, 0.0045f));

    /// <summary>The components of a covariance.</summary>
    /// <param name="covariance">The symmetric <c>[3, 3]</c> covariance of (red, green, blue) from 0 to 1, row-major.</param>
    public static ColourPca FromCovariance(ReadOnlySpan<double> covariance)
    {
        if (covariance.Length != 9) throw new ArgumentException($"A covariance of three channels has 9 values, but {covariance.Length} were given.", nameof(covariance));
        (double[] values, double[][] vectors) = SymmetricEigen.Solve(covariance, 3);
        return new ColourPca(Vector(vectors[0]), Vector(vectors[1]), Vector(vectors[2]), Vector(values));

        static RgbValues Vector(double[] v) => new((float)v[0], (float)v[1], (float)v[2]);
    }

    /// <summary>What is added to every pixel of an image.</summary>
    /// <param name="alpha1">Draw for the first component.</param>
    /// <param name="alpha2">Draw for the second.</param>
    /// <param name="alpha3">Draw for the third.</param>
    /// <returns>The shift in units of 0 to 255.</returns>
    public RgbValues Shift(double alpha1, double alpha2, double alpha3)
    {
        double a = alpha1 * Eigenvalues.Red * 255, b = alpha2 * Eigenvalues.Green * 255, c = alpha3 * Eigenvalues.Blue * 255;
        return new RgbValues(
            (float)(a * First.Red + b * Second.Red + c * Third.Red),
            (float)(a * First.Green + b * Second.Green + c * Third.Green),
            (float)(a * First.Blue + b * Second.Blue + c * Third.Blue));
    }
}
