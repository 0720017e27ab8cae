namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>The activations, by the number of their <see cref="ActivationKind"/>.</summary>
internal static class ActivationFunction
{
    public static float Apply(int kind, float slope, float x)
    {
        // Written as x < 0 so that NaN goes through, as max(0, x) does on the CPU.
        if (kind == (int)ActivationKind.Relu) return x < 0 ? 0 : x;
        if (kind == (int)ActivationKind.LeakyRelu) return x > 0 ? x : slope * x;
        if (kind == (int)ActivationKind.Sigmoid) return Sigmoid(x);
        if (kind == (int)ActivationKind.Relu6) return Clamp(x, 6);
        if (kind == (int)ActivationKind.HardSigmoid) return Clamp(slope * x + 0.5f, 1);
        return x;
    }

    /// <summary>dy·f′, with f′ told from the output.</summary>
    public static float Gradient(int kind, float slope, float y, float dy)
    {
        if (kind == (int)ActivationKind.Relu) return y > 0 ? dy : 0;
        if (kind == (int)ActivationKind.LeakyRelu) return y > 0 ? dy : slope * dy;
        if (kind == (int)ActivationKind.Sigmoid) return dy * y * (1 - y);
        if (kind == (int)ActivationKind.Relu6) return y > 0 && y < 6 ? dy : 0;
        if (kind == (int)ActivationKind.HardSigmoid) return y > 0 && y < 1 ? slope * dy : 0;
        return dy;
    }

    private static float Clamp(float x, float limit) => x < 0 ? 0 : x > limit ? limit : x;

    // From the side where the exponential cannot overflow.
    private static float Sigmoid(float x)
    {
        float e = DeviceMath.Exp(x < 0 ? x : -x);
        return x < 0 ? e / (1 + e) : 1 / (1 + e);
    }
}
