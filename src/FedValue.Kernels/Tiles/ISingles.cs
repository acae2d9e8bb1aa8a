using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FedValue.Kernels.Tiles;

/// <summary>Several floats that are computed with side by side; a lane has the bits of the same operation on one float.</summary>
interface ISingles<TSelf> where TSelf : struct, ISingles<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf All(float value);

    static abstract TSelf Load(ref float from, int at);

    void Store(ref float to, int at);

    /// <summary>this * factor + summand, rounded once.</summary>
    TSelf TimesPlus(TSelf factor, TSelf summand);

    /// <summary>The larger of two numbers; NaN where the right one is. What NaN on the left gives is the machine's own.</summary>
    static abstract TSelf Larger(TSelf left, TSelf right);

    /// <summary>The bits, taken as integers, with those of another added.</summary>
    TSelf PlusBits(TSelf other);

    TSelf ShiftedLeft(int places);

    /// <summary>0 where a number is 0 or less, which NaN is not; this elsewhere.</summary>
    TSelf WherePositive(TSelf number);

    /// <summary>This where two others have the same bits; otherwise elsewhere.</summary>
    TSelf WhereSame(TSelf left, TSelf right, TSelf otherwise);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);
}

/// <summary>Sixteen floats of AVX-512.</summary>
readonly struct SixteenSingles(Vector512<float> value) : ISingles<SixteenSingles>
{
    readonly Vector512<float> _value = value;

    public static int Count => 16;
    public Vector512<float> Vector => _value;
    public static SixteenSingles All(float value) => new(Vector512.Create(value));
    public static SixteenSingles Load(ref float from, int at) => new(Vector512.LoadUnsafe(ref from, (nuint)at));
    public void Store(ref float to, int at) => _value.StoreUnsafe(ref to, (nuint)at);
    public SixteenSingles TimesPlus(SixteenSingles factor, SixteenSingles summand) =>
        new(Vector512.FusedMultiplyAdd(_value, factor._value, summand._value));
    public static SixteenSingles Larger(SixteenSingles left, SixteenSingles right) => new(Vector512.MaxNative(left._value, right._value));
    public SixteenSingles PlusBits(SixteenSingles other) => new((_value.AsInt32() + other._value.AsInt32()).AsSingle());
    public SixteenSingles ShiftedLeft(int places) => new(Vector512.ShiftLeft(_value.AsInt32(), places).AsSingle());
    public SixteenSingles WherePositive(SixteenSingles number) =>
        new(Vector512.AndNot(_value, Vector512.LessThanOrEqual(number._value, Vector512<float>.Zero)));
    public SixteenSingles WhereSame(SixteenSingles left, SixteenSingles right, SixteenSingles otherwise) => new(Vector512.ConditionalSelect(
        Vector512.Equals(left._value.AsInt32(), right._value.AsInt32()).AsSingle(), _value, otherwise._value));
    public static SixteenSingles operator +(SixteenSingles left, SixteenSingles right) => new(left._value + right._value);
    public static SixteenSingles operator -(SixteenSingles left, SixteenSingles right) => new(left._value - right._value);
    public static SixteenSingles operator *(SixteenSingles left, SixteenSingles right) => new(left._value * right._value);
}

/// <summary>Eight floats of AVX2.</summary>
readonly struct EightSingles(Vector256<float> value) : ISingles<EightSingles>
{
    readonly Vector256<float> _value = value;

    public static int Count => 8;
    public Vector256<float> Vector => _value;
    public static EightSingles All(float value) => new(Vector256.Create(value));
    public static EightSingles Load(ref float from, int at) => new(Vector256.LoadUnsafe(ref from, (nuint)at));
    public void Store(ref float to, int at) => _value.StoreUnsafe(ref to, (nuint)at);
    public EightSingles TimesPlus(EightSingles factor, EightSingles summand) =>
        new(Vector256.FusedMultiplyAdd(_value, factor._value, summand._value));
    public static EightSingles Larger(EightSingles left, EightSingles right) => new(Vector256.MaxNative(left._value, right._value));
    public EightSingles PlusBits(EightSingles other) => new((_value.AsInt32() + other._value.AsInt32()).AsSingle());
    public EightSingles ShiftedLeft(int places) => new(Vector256.ShiftLeft(_value.AsInt32(), places).AsSingle());
    public EightSingles WherePositive(EightSingles number) =>
        new(Vector256.AndNot(_value, Vector256.LessThanOrEqual(number._value, Vector256<float>.Zero)));
    public EightSingles WhereSame(EightSingles left, EightSingles right, EightSingles otherwise) => new(Vector256.ConditionalSelect(
        Vector256.Equals(left._value.AsInt32(), right._value.AsInt32()).AsSingle(), _value, otherwise._value));
    public static EightSingles operator +(EightSingles left, EightSingles right) => new(left._value + right._value);
    public static EightSingles operator -(EightSingles left, EightSingles right) => new(left._value - right._value);
    public static EightSingles operator *(EightSingles left, EightSingles right) => new(left._value * right._value);
}

/// <summary>Four floats of 128 bits.</summary>
readonly struct FourSingles(Vector128<float> value) : ISingles<FourSingles>
{
    readonly Vector128<float> _value = value;

    public static int Count => 4;
    public Vector128<float> Vector => _value;
    public static FourSingles All(float value) => new(Vector128.Create(value));
    public static FourSingles Load(ref float from, int at) => new(Vector128.LoadUnsafe(ref from, (nuint)at));
    public void Store(ref float to, int at) => _value.StoreUnsafe(ref to, (nuint)at);
    public FourSingles TimesPlus(FourSingles factor, FourSingles summand) =>
        new(Vector128.FusedMultiplyAdd(_value, factor._value, summand._value));
    public static FourSingles Larger(FourSingles left, FourSingles right) => new(Vector128.MaxNative(left._value, right._value));
    public FourSingles PlusBits(FourSingles other) => new((_value.AsInt32() + other._value.AsInt32()).AsSingle());
    public FourSingles ShiftedLeft(int places) => new(Vector128.ShiftLeft(_value.AsInt32(), places).AsSingle());
    public FourSingles WherePositive(FourSingles number) =>
        new(Vector128.AndNot(_value, Vector128.LessThanOrEqual(number._value, Vector128<float>.Zero)));
    public FourSingles WhereSame(FourSingles left, FourSingles right, FourSingles otherwise) => new(Vector128.ConditionalSelect(
        Vector128.Equals(left._value.AsInt32(), right._value.AsInt32()).AsSingle(), _value, otherwise._value));
    public static FourSingles operator +(FourSingles left, FourSingles right) => new(left._value + right._value);
    public static FourSingles operator -(FourSingles left, FourSingles right) => new(left._value - right._value);
    public static FourSingles operator *(FourSingles left, FourSingles right) => new(left._value * right._value);
}

/// <summary>One float: what is left behind whole vectors, and machines without them.</summary>
readonly struct OneSingle(float value) : ISingles<OneSingle>
{
    readonly float _value = value;

    public static int Count => 1;
    public static OneSingle All(float value) => new(value);
    public static OneSingle Load(ref float from, int at) => new(Unsafe.Add(ref from, at));
    public void Store(ref float to, int at) => Unsafe.Add(ref to, at) = _value;
    public OneSingle TimesPlus(OneSingle factor, OneSingle summand) =>
        new(float.FusedMultiplyAdd(_value, factor._value, summand._value));
    public static OneSingle Larger(OneSingle left, OneSingle right) => left._value > right._value ? left : right;
    public OneSingle PlusBits(OneSingle other) => new(BitConverter.Int32BitsToSingle(
        BitConverter.SingleToInt32Bits(_value) + BitConverter.SingleToInt32Bits(other._value)));
    public OneSingle ShiftedLeft(int places) => new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(_value) << places));
    public OneSingle WherePositive(OneSingle number) => new(number._value <= 0 ? 0 : _value);
    public OneSingle WhereSame(OneSingle left, OneSingle right, OneSingle otherwise) =>
        BitConverter.SingleToInt32Bits(left._value) == BitConverter.SingleToInt32Bits(right._value) ? this : otherwise;
    public static OneSingle operator +(OneSingle left, OneSingle right) => new(left._value + right._value);
    public static OneSingle operator -(OneSingle left, OneSingle right) => new(left._value - right._value);
    public static OneSingle operator *(OneSingle left, OneSingle right) => new(left._value * right._value);
}
