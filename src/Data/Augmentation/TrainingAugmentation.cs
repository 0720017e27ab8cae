namespace IlgpuSpp.Data;

/// <summary>
/// The random changes of training: crop, resize to the current training size (multi-size training resizes the same crop,
/// the paper, section 2.3), flip, colour, normalise. Every option draws from its own numbers of the sample's stream, so
/// switching one off leaves the others' draws as they were. Thread-safe.
/// </summary>
internal sealed class TrainingAugmentation : ISampleTransform
{
    // Which words of the sample's stream each change draws from.
    private const int CropDraw = 0, FlipDraw = 2, BrightnessDraw = 3, ContrastDraw = 4, SaturationDraw = 5, PcaDraw = 8, WindowDraw = 16;
    private const int WindowTries = 10, DrawsPerTry = 4;

    // Items of the sample's key that have streams of their own, beyond the words drawn above.
    private const int RandAugmentItem = 1 << 20, ErasingItem = RandAugmentItem + 1;
    private const double LeastErasedAspect = 0.3, MostErasedAspect = 3.3;

    private readonly InputPreparation _preparation;
    private readonly AugmentationOptions _options;
    private readonly ColourPca? _pca;

    /// <summary>Creates the augmentation.</summary>
    /// <param name="preparation">Crop size, resize filter and normalisation.</param>
    /// <param name="options">What changes at random.</param>
    /// <param name="pca">The principal components of the training colours; needed where <see cref="AugmentationOptions.PcaSigma"/> is above 0.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the components are missing.</exception>
    public TrainingAugmentation(InputPreparation preparation, AugmentationOptions options, ColourPca? pca = null)
    {
        preparation.Check();
        options.Check();
        if (options.PcaSigma > 0 && pca is null)
            throw new ArgumentException("Colour altering needs the principal components of the training colours; compute them (DatasetStatistics) or set PcaSigma to 0.", nameof(pca));
        _preparation = preparation;
        _options = options;
        _pca = pca;
    }

    /// <inheritdoc/>
    public void Render(RgbImage prepared, RandomKey key, int size, Span<float> destination)
    {
        bool flip = Uniform(key, FlipDraw) < _options.FlipProbability;
        _preparation.Cut(prepared, CropFor(prepared.Width, prepared.Height, key), size, size, flip, destination);
        if (_options.RandAugmentOperations > 0) RandAugment.Apply(destination, size, _options.RandAugmentOperations, _options.RandAugmentMagnitude, DataStreams.Derive(key, RandAugmentItem));
        _preparation.Finish(ColourFor(key, destination), size, size, destination);
        if (_options.ErasingProbability > 0) Erase(destination, size, new RandomStream(DataStreams.Derive(key, ErasingItem)));
    }

    // 0 is the mean behind the normalisation.
    private void Erase(Span<float> pixels, int size, RandomStream random)
    {
        if (random.NextUniform() >= _options.ErasingProbability) return;
        double logAspect = Math.Log(LeastErasedAspect), logRange = Math.Log(MostErasedAspect) - logAspect;
        for (int attempt = 0; attempt < WindowTries; attempt++)
        {
            double area = random.NextUniform(0.02f, 0.33f) * size * size, aspect = Math.Exp(logAspect + logRange * random.NextUniform());
            int h = (int)Math.Round(Math.Sqrt(area * aspect)), w = (int)Math.Round(Math.Sqrt(area / aspect));
            if (w < 1 || h < 1 || w >= size || h >= size) continue;
            int top = random.NextInt(size - h + 1), left = random.NextInt(size - w + 1);
            for (int y = top; y < top + h; y++) pixels.Slice((y * size + left) * 3, w * 3).Clear();
            return;
        }
    }

    /// <summary>The crop of a sample.</summary>
    /// <param name="width">Width of the prepared image.</param>
    /// <param name="height">Height of the prepared image.</param>
    /// <param name="key">Names the sample's random numbers.</param>
    /// <returns>A window of whole pixels.</returns>
    internal PixelRegion CropFor(int width, int height, RandomKey key)
    {
        int crop = _preparation.CropSize;
        switch (_options.Crop)
        {
            case CropMode.Centre:
                return CropWindows.At(width, height, crop, CropPosition.Centre);
            case CropMode.FivePositions:
                return CropWindows.At(width, height, crop, (CropPosition)Below(key, CropDraw, CropWindows.Positions));
            case CropMode.Random:
                CropWindows.CheckFits(width, height, crop);
                return new PixelRegion(Below(key, CropDraw, width - crop + 1), Below(key, CropDraw + 1, height - crop + 1), crop, crop);
            case CropMode.RandomResized:
                return RandomWindow(width, height, key);
            default:
                throw new InvalidOperationException($"There is no crop mode {_options.Crop}.");
        }
    }

    private PixelRegion RandomWindow(int width, int height, RandomKey key)
    {
        double logAspect = Math.Log(_options.MaxAspect);
        for (int attempt = 0; attempt < WindowTries; attempt++)
        {
            int draw = WindowDraw + attempt * DrawsPerTry;
            double area = (_options.MinArea + (_options.MaxArea - _options.MinArea) * Uniform(key, draw)) * width * height;
            double aspect = Math.Exp(logAspect * (2 * Uniform(key, draw + 1) - 1));
            int w = (int)Math.Round(Math.Sqrt(area * aspect)), h = (int)Math.Round(Math.Sqrt(area / aspect));
            if (w < 1 || h < 1 || w > width || h > height) continue;
            return new PixelRegion(Below(key, draw + 2, width - w + 1), Below(key, draw + 3, height - h + 1), w, h);
        }

        // No window fitted: the largest one in the middle whose aspect ratio is allowed.
        int fitWidth = Math.Min(width, (int)(height * _options.MaxAspect)), fitHeight = Math.Min(height, (int)(width * _options.MaxAspect));
        return new PixelRegion((width - fitWidth) / 2, (height - fitHeight) / 2, fitWidth, fitHeight);
    }

    private ColourTransform ColourFor(RandomKey key, ReadOnlySpan<float> pixels)
    {
        ColourTransform colour = ColourTransform.Identity;
        if (_options.Brightness > 0) colour = colour.Then(ColourTransform.Brightness(Factor(key, BrightnessDraw, _options.Brightness)));
        if (_options.Contrast > 0)
        {
            // Brightness has scaled the mean, too.
            float grey = ColourTransform.MeanGrey(pixels) * colour.M00;
            colour = colour.Then(ColourTransform.Contrast(Factor(key, ContrastDraw, _options.Contrast), grey));
        }
        if (_options.Saturation > 0) colour = colour.Then(ColourTransform.Saturation(Factor(key, SaturationDraw, _options.Saturation)));
        if (_options.PcaSigma > 0)
        {
            RgbValues shift = _pca!.Shift(_options.PcaSigma * Normal(key, PcaDraw), _options.PcaSigma * Normal(key, PcaDraw + 2), _options.PcaSigma * Normal(key, PcaDraw + 4));
            colour = colour.Then(ColourTransform.Shift(shift.Red, shift.Green, shift.Blue));
        }
        return colour;
    }

    private static float Factor(RandomKey key, int draw, double spread) => (float)(1 + spread * (2 * Uniform(key, draw) - 1));

    private static double Uniform(RandomKey key, int draw) => Philox.ToUniform(Philox.Word(key, draw));

    // The high half of a product; its bias is bound / 2^32 at most.
    private static int Below(RandomKey key, int draw, int bound) => (int)((Philox.Word(key, draw) * (ulong)bound) >> 32);

    private static double Normal(RandomKey key, int draw) =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform(key, draw))) * Math.Cos(2 * Math.PI * Uniform(key, draw + 1));
}
