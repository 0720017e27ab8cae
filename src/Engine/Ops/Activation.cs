namespace IlgpuSpp.Engine;

/// <summary>An elementwise non-linearity whose derivative can be told from its output.</summary>
public enum ActivationKind
{
    /// <summary>y = x.</summary>
    None,

    /// <summary>y = max(0, x); the gradient at 0 is 0.</summary>
    Relu,

    /// <summary>y = x for x &gt; 0, slope·x otherwise; slope above 0.</summary>
    LeakyRelu,

    /// <summary>y = 1 / (1 + exp(−x)).</summary>
    Sigmoid,

    /// <summary>y = min(max(0, x), 6); the gradient at 0 and 6 is 0.</summary>
    Relu6,

    /// <summary>y = min(max(0, slope·x + ½), 1), slope above 0; the gradient where it bends is 0.</summary>
    HardSigmoid,
}

/// <summary>A non-linearity with its parameter.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Slope">Slope of the negative half of <see cref="ActivationKind.LeakyRelu"/>, in (0, 1), or of the middle of <see cref="ActivationKind.HardSigmoid"/>, above 0.</param>
public readonly record struct Activation(ActivationKind Kind, float Slope = 0)
{
    /// <summary>y = x.</summary>
    public static Activation None => default;

    /// <summary>y = max(0, x).</summary>
    public static Activation Relu => new(ActivationKind.Relu);

    /// <summary>f(x), for what is stored value by value.</summary>
    internal float Apply(float x) => Kind switch
    {
        ActivationKind.Relu => x < 0 ? 0 : x,
        ActivationKind.LeakyRelu => x < 0 ? x * Slope : x,
        ActivationKind.Sigmoid => 1 / (1 + MathF.Exp(-x)),
        ActivationKind.Relu6 => x < 0 ? 0 : x > 6 ? 6 : x,
        ActivationKind.HardSigmoid => Slope * x + 0.5f is var y && y < 0 ? 0 : y > 1 ? 1 : y,
        _ => x,
    };
}
